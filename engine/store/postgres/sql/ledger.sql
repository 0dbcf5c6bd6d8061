-- The ledger, and what is to be announced of it. A row is added once, but one that a decision holds back (`held`, and
-- not to be claimed) becomes what the next decision says. Each statement by which messages come to an outcome notes
-- that, where it is one of those `announced` (none, where there is nobody to announce it to). Filters: an empty text and
-- an empty list do not filter. A list of lanes is two arrays, channels and brands. For `IS TRUE` see `customers.sql`.

-- name: add_messages
WITH added AS (
    INSERT INTO messages
        (id, status, reason, journey, channel, brand, customer_id, at_us, not_after_us, ready_us, held_until_us, format,
        body, part)
    SELECT * FROM unnest(
        %(id)b, %(status)b, %(reason)b, %(journey)b, %(channel)b,
        %(brand)b, %(customer_id)b, %(at_us)b, %(not_after_us)b,
        %(ready_us)b, %(held_until_us)b, %(format)b, %(body)b,
        %(part)b
    )
    ON CONFLICT (id) DO UPDATE
    SET status = excluded.status, reason = excluded.reason, at_us = excluded.at_us, ready_us = excluded.ready_us,
        held_until_us = excluded.held_until_us, format = excluded.format, body = excluded.body
    WHERE messages.status = 'held' AND messages.ready_us IS NULL
    RETURNING part, id, status, reason, at_us
)
INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
SELECT part, id, status, reason, 0, '', at_us FROM added WHERE status = ANY(%(announced)b);

-- The first of each partition, then the first of all. What another sender has claimed meanwhile is passed over.
-- name: claim_messages
WITH ready AS MATERIALIZED (
    SELECT r.id, r.ready_us
    FROM unnest(%(parts)b) AS p (part)
    CROSS JOIN LATERAL (
        SELECT m.id, m.ready_us FROM messages AS m
        WHERE m.part = p.part AND m.ready_us <= %(now_us)s AND m.journey NOT IN (SELECT journey FROM pauses)
            AND (coalesce(m.channel, ''), m.brand) NOT IN (
                SELECT * FROM unnest(%(channels)b, %(brands)b)
            )
        ORDER BY m.ready_us, m.id
        LIMIT %(limit)s
    ) AS r
    ORDER BY r.ready_us, r.id
    LIMIT %(limit)s
), free AS MATERIALIZED (
    SELECT m.id, m.ready_us FROM messages AS m
    WHERE m.id = ANY(ARRAY(SELECT id FROM ready)) AND (m.ready_us IS NOT NULL) IS TRUE
    FOR UPDATE SKIP LOCKED
)
UPDATE messages AS m
SET status = 'claimed', held_until_us = NULL, ready_us = NULL, claimed_at_us = %(now_us)s
FROM free
WHERE m.id = free.id
RETURNING
    free.ready_us, m.body, m.status, m.reason, m.held_until_us, m.attempts, m.not_before_us, m.claimed_at_us,
    m.tried_at_us, m.sent_at_us, m.provider_id, m.place, m.note, m.former_note, m.told_us, m.parts, m.cost_micros,
    m.currency;

-- Where a receipt has come first, and the row was claimed when the statement began, it is looked at again as that has
-- left it: the receipt's word stays, and what the sender alone knows is added.
-- name: settle_messages
WITH settled AS (
    UPDATE messages AS m
    SET status = CASE WHEN m.told_us IS NULL THEN s.status ELSE m.status END,
        reason = CASE WHEN m.told_us IS NULL THEN s.reason END,
        ready_us = CASE WHEN m.told_us IS NULL THEN s.ready_us END,
        held_until_us = CASE WHEN m.told_us IS NULL THEN s.held_until_us END,
        attempts = s.attempts,
        not_before_us = CASE WHEN m.told_us IS NULL THEN s.not_before_us END,
        claimed_at_us = CASE WHEN m.told_us IS NULL THEN s.claimed_at_us ELSE m.claimed_at_us END,
        tried_at_us = CASE WHEN m.told_us IS NULL THEN s.tried_at_us ELSE m.tried_at_us END,
        sent_at_us = CASE WHEN m.told_us IS NULL THEN s.sent_at_us ELSE coalesce(s.sent_at_us, m.sent_at_us) END,
        provider_id = coalesce(nullif(s.provider_id, ''), CASE WHEN m.told_us IS NULL THEN '' ELSE m.provider_id END),
        place = coalesce(nullif(s.place, ''), CASE WHEN m.told_us IS NULL THEN '' ELSE m.place END),
        note = CASE WHEN m.told_us IS NULL THEN s.note ELSE m.note END,
        parts = CASE WHEN m.told_us IS NULL THEN s.parts ELSE coalesce(nullif(m.parts, 0), s.parts) END
    FROM unnest(
        %(id)b, %(status)b, %(reason)b, %(ready_us)b, %(held_until_us)b,
        %(attempts)b, %(not_before_us)b, %(claimed_at_us)b, %(tried_at_us)b,
        %(sent_at_us)b, %(provider_id)b, %(place)b, %(note)b, %(parts)b
    ) AS s (id, status, reason, ready_us, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us,
        sent_at_us, provider_id, place, note, parts)
    WHERE m.id = s.id AND (m.status = 'claimed' OR m.told_us IS NOT NULL) IS TRUE
        AND (m.part = ANY(%(owned)b)) IS TRUE
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note, m.told_us,
        coalesce(m.sent_at_us, m.claimed_at_us, m.at_us) AS at_us
), noted AS (
    INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
    SELECT part, id, status, reason, attempts, note, at_us FROM settled
    WHERE told_us IS NULL AND status = ANY(%(announced)b)
)
SELECT count(*) FROM settled;

-- name: begin_messages
UPDATE messages SET tried_at_us = %(at_us)s
WHERE id = ANY(%(ids)b) AND (status = 'claimed') IS TRUE AND (part = ANY(%(parts)b)) IS TRUE
RETURNING id;

-- name: claimed_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE status = 'claimed' AND part = ANY(%(parts)b)
ORDER BY at_us, id;

-- name: handed_over_messages
SELECT customer_id, coalesce(sent_at_us, tried_at_us, claimed_at_us), body
FROM messages
WHERE customer_id = ANY(%(ids)b) AND status IN ('sent', 'delivered', 'bounced', 'unknown')
    AND coalesce(sent_at_us, tried_at_us, claimed_at_us) >= %(since_us)s;

-- Goes by the index of those that are ready, so that only rows of late messages are read.
-- name: skip_late_messages
WITH late AS (
    UPDATE messages AS m
    SET status = 'skipped', reason = 'too late', ready_us = NULL
    WHERE m.part = ANY(%(parts)b) AND m.ready_us IS NOT NULL AND m.not_after_us < %(now_us)s
        AND (m.status = 'queued') IS TRUE
        AND (coalesce(m.channel, ''), m.brand) IN (SELECT * FROM unnest(%(channels)b, %(brands)b))
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note
), noted AS (
    INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
    SELECT part, id, status, reason, attempts, note, %(now_us)s FROM late WHERE status = ANY(%(announced)b)
)
SELECT count(*) FROM late;

-- name: count_late_to_requeue
SELECT count(*) FROM messages
WHERE status IN ('failed', 'unknown') AND not_after_us < %(now_us)s AND part = ANY(%(parts)b)
    AND (%(statuses)b = '{}' OR status = ANY(%(statuses)b))
    AND (%(journey)s = '' OR journey = %(journey)s)
    AND (%(channel)s = '' OR channel = %(channel)s)
    AND (%(brand)s = '' OR brand = %(brand)s)
    AND (%(customer_id)s = '' OR customer_id = %(customer_id)s)
    AND (%(ids)b = '{}' OR id = ANY(%(ids)b));

-- Without a `now_us`, each from its own moment on.
-- name: requeue_messages
UPDATE messages
SET status = 'queued', reason = NULL, held_until_us = NULL,
    ready_us = greatest(at_us, %(now_us)s), not_before_us = greatest(at_us, %(now_us)s),
    attempts = 0, claimed_at_us = NULL, tried_at_us = NULL, sent_at_us = NULL, provider_id = '', place = '',
    note = '', former_note = CASE note WHEN '' THEN former_note ELSE note END,
    told_us = NULL, parts = 0, cost_micros = NULL, currency = ''
WHERE status IN ('failed', 'unknown') AND (%(now_us)s::bigint IS NULL OR not_after_us >= %(now_us)s)
    AND part = ANY(%(parts)b)
    AND (%(statuses)b = '{}' OR status = ANY(%(statuses)b))
    AND (%(journey)s = '' OR journey = %(journey)s)
    AND (%(channel)s = '' OR channel = %(channel)s)
    AND (%(brand)s = '' OR brand = %(brand)s)
    AND (%(customer_id)s = '' OR customer_id = %(customer_id)s)
    AND (%(ids)b = '{}' OR id = ANY(%(ids)b));

-- name: messages_by_id
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE id = ANY(%(ids)b) AND (part = ANY(%(parts)b)) IS TRUE;

-- name: withdraw_messages
WITH withdrawn AS (
    UPDATE messages AS m
    SET status = 'skipped', reason = w.reason, sent_at_us = NULL, provider_id = '', place = '', parts = 0
    FROM unnest(%(ids)b, %(reasons)b) AS w (id, reason)
    WHERE m.id = w.id AND (m.status = 'sent') IS TRUE AND (m.part = ANY(%(owned)b)) IS TRUE
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note
), noted AS (
    INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
    SELECT part, id, status, reason, attempts, note, %(at_us)s FROM withdrawn WHERE status = ANY(%(announced)b)
)
SELECT id FROM withdrawn;

-- name: messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE (at_us, id) > (%(after_us)s, %(after_id)s) AND (part = ANY(%(parts)b)) IS TRUE
    AND (%(statuses)b = '{}' OR status = ANY(%(statuses)b))
    AND (%(journey)s = '' OR journey = %(journey)s)
    AND (%(channel)s = '' OR channel = %(channel)s)
    AND (%(brand)s = '' OR brand = %(brand)s)
    AND (%(ids)b = '{}' OR id = ANY(%(ids)b))
ORDER BY at_us, id
LIMIT %(limit)s;

-- name: messages_of_customer
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE customer_id = %(customer_id)s
    AND (at_us, id) > (%(after_us)s, %(after_id)s) AND (part = ANY(%(parts)b)) IS TRUE
    AND (%(statuses)b = '{}' OR status = ANY(%(statuses)b))
    AND (%(journey)s = '' OR journey = %(journey)s)
    AND (%(channel)s = '' OR channel = %(channel)s)
    AND (%(brand)s = '' OR brand = %(brand)s)
    AND (%(ids)b = '{}' OR id = ANY(%(ids)b))
ORDER BY at_us, id
LIMIT %(limit)s;

-- name: count_messages
SELECT journey, channel, status, reason, count(*) FROM messages
WHERE part = ANY(%(parts)b)
GROUP BY status, journey, channel, reason;

-- name: count_waiting_messages
SELECT coalesce(channel, ''), brand, count(*) FROM messages
WHERE status IN ('queued', 'claimed') AND part = ANY(%(parts)b)
GROUP BY channel, brand;

-- name: open_announcements
SELECT a.part, a.number, m.body, a.status, a.reason, a.at_us, a.attempts, a.note
FROM unnest(%(parts)b) AS p (part)
CROSS JOIN LATERAL (
    SELECT * FROM announcements AS o WHERE o.part = p.part ORDER BY o.number LIMIT %(limit)s
) AS a
JOIN messages AS m ON m.id = a.message_id
ORDER BY a.number
LIMIT %(limit)s;

-- name: close_announcements
DELETE FROM announcements
WHERE (part, number) IN (SELECT * FROM unnest(%(part)b, %(number)b));
