-- The ledger. Filters: an empty text, and an empty list of statuses, do not filter.

-- name: add_message
INSERT INTO messages
    (id, status, reason, journey, channel, brand, customer_id, at_us, ready_us, held_until_us, format, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING;

-- name: ready_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note
FROM messages
WHERE ready_us <= :now_us
ORDER BY ready_us, id
LIMIT :limit;

-- name: claim_messages
UPDATE messages
SET status = 'claimed', reason = NULL, held_until_us = NULL, ready_us = NULL, claimed_at_us = :now_us
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: settle_message
UPDATE messages
SET status = :status, reason = :reason, ready_us = :ready_us, held_until_us = :held_until_us,
    attempts = :attempts, not_before_us = :not_before_us, claimed_at_us = :claimed_at_us,
    tried_at_us = :tried_at_us, sent_at_us = :sent_at_us, provider_id = :provider_id, place = :place,
    note = :note
WHERE id = :id AND status = 'claimed';

-- name: claimed_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note
FROM messages
WHERE status = 'claimed'
ORDER BY at_us, id;

-- name: messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note
FROM messages
WHERE (at_us, id) > (:after_us, :after_id)
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
ORDER BY at_us, id
LIMIT :limit;

-- name: messages_of_customer
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note
FROM messages
WHERE customer_id = :customer_id
    AND (at_us, id) > (:after_us, :after_id)
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
ORDER BY at_us, id
LIMIT :limit;

-- name: count_messages
SELECT journey, channel, status, reason, count(*) FROM messages
GROUP BY status, journey, channel, reason;
