-- What providers tell of messages, and what becomes of those of which they tell nothing.

-- name: read_addressees
SELECT id, body FROM messages WHERE id IN (SELECT value FROM json_each(:ids));

-- name: messages_told_of
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: write_told
UPDATE messages
SET status = :status, reason = :reason, ready_us = :ready_us, held_until_us = :held_until_us,
    not_before_us = :not_before_us, sent_at_us = :sent_at_us, provider_id = :provider_id, note = :note,
    told_us = :told_us, parts = :parts, cost_micros = :cost_micros, currency = :currency
WHERE id = :id;

-- name: unsettled_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE status = 'unknown' AND coalesce(tried_at_us, claimed_at_us, at_us) <= :until_us
LIMIT :limit;

-- name: give_up_messages
UPDATE messages SET status = 'failed', note = :note
WHERE id IN (SELECT value FROM json_each(:ids)) AND +status = 'unknown';
