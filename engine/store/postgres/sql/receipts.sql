-- What providers tell of messages, and what becomes of those of which they tell nothing.

-- name: read_addressees
SELECT id, body FROM messages WHERE id = ANY(%(ids)b);

-- Locked in order of id, as senders lock them when they settle them, so that neither waits for the other crosswise.
-- name: lock_messages_told_of
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE id = ANY(%(ids)b)
ORDER BY id
FOR UPDATE;

-- name: write_told
WITH told AS (
    UPDATE messages AS m
    SET status = t.status, reason = t.reason, ready_us = t.ready_us, held_until_us = t.held_until_us,
        not_before_us = t.not_before_us, sent_at_us = t.sent_at_us, provider_id = t.provider_id, note = t.note,
        told_us = t.told_us, parts = t.parts, cost_micros = t.cost_micros, currency = t.currency
    FROM unnest(
        %(id)b, %(status)b, %(reason)b, %(ready_us)b, %(held_until_us)b,
        %(not_before_us)b, %(sent_at_us)b, %(provider_id)b, %(note)b,
        %(told_us)b, %(parts)b, %(cost_micros)b, %(currency)b, %(moved)b
    ) AS t (id, status, reason, ready_us, held_until_us, not_before_us, sent_at_us, provider_id, note, told_us,
        parts, cost_micros, currency, moved)
    WHERE m.id = t.id
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note, m.told_us, t.moved
)
INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
SELECT part, id, status, reason, attempts, note, told_us FROM told
WHERE moved AND status = ANY(%(announced)b);

-- name: unsettled_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE status = 'unknown' AND (part = ANY(%(parts)b)) IS TRUE
    AND (coalesce(tried_at_us, claimed_at_us, at_us) <= %(until_us)s) IS TRUE
LIMIT %(limit)s;

-- name: give_up_messages
WITH failed AS (
    UPDATE messages AS m SET status = 'failed', note = %(note)s
    WHERE m.id = ANY(%(ids)b) AND (m.status = 'unknown') IS TRUE AND (m.part = ANY(%(owned)b)) IS TRUE
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note,
        coalesce(m.tried_at_us, m.claimed_at_us, m.at_us) AS at_us
), noted AS (
    INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
    SELECT part, id, status, reason, attempts, note, at_us FROM failed WHERE status = ANY(%(announced)b)
)
SELECT count(*) FROM failed;
