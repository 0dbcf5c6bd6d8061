-- The ledger. A row is added once, but one that a decision holds back (`held`, and not to be claimed) becomes what the
-- next decision says. Filters: an empty text and an empty list do not filter. A lane is a JSON array, channel and brand.

-- name: add_message
INSERT INTO messages
    (id, status, reason, journey, channel, brand, customer_id, at_us, not_after_us, ready_us, held_until_us, format,
    body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET status = excluded.status, reason = excluded.reason, at_us = excluded.at_us, ready_us = excluded.ready_us,
    held_until_us = excluded.held_until_us, format = excluded.format, body = excluded.body
WHERE messages.status = 'held' AND messages.ready_us IS NULL;

-- name: ready_messages
SELECT
    number, body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE ready_us <= :now_us AND journey NOT IN (SELECT journey FROM pauses)
    AND (coalesce(channel, ''), brand) NOT IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:without)
    )
ORDER BY ready_us, id
LIMIT :limit;

-- name: claim_messages
UPDATE messages
SET status = 'claimed', held_until_us = NULL, ready_us = NULL, claimed_at_us = :now_us
WHERE number IN (SELECT value FROM json_each(:numbers));

-- name: settle_message
UPDATE messages
SET status = :status, reason = :reason, ready_us = :ready_us, held_until_us = :held_until_us,
    attempts = :attempts, not_before_us = :not_before_us, claimed_at_us = :claimed_at_us,
    tried_at_us = :tried_at_us, sent_at_us = :sent_at_us, provider_id = :provider_id, place = :place,
    note = :note, parts = :parts
WHERE id = :id AND +status = 'claimed';

-- Of a message that a receipt has settled already, what the sender alone knows.
-- name: settle_told_message
UPDATE messages
SET attempts = :attempts, sent_at_us = coalesce(:sent_at_us, sent_at_us),
    provider_id = coalesce(nullif(:provider_id, ''), provider_id), place = coalesce(nullif(:place, ''), place),
    parts = coalesce(nullif(parts, 0), :parts)
WHERE id = :id AND told_us IS NOT NULL;

-- Of those of which there is nothing else to say: by place, and only what can change. It costs half as much.
-- name: settle_sent_message
UPDATE messages
SET status = 'sent', reason = NULL, ready_us = NULL, held_until_us = NULL, attempts = ?, not_before_us = NULL,
    tried_at_us = NULL, sent_at_us = ?, provider_id = ?, place = ?, note = '', parts = ?
WHERE id = ? AND +status = 'claimed';

-- name: begin_messages
UPDATE messages SET tried_at_us = :at_us
WHERE id IN (SELECT value FROM json_each(:ids)) AND +status = 'claimed'
RETURNING id;

-- name: claimed_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE status = 'claimed'
ORDER BY at_us, id;

-- name: handed_over_messages
SELECT customer_id, coalesce(sent_at_us, tried_at_us, claimed_at_us), body
FROM messages
WHERE customer_id IN (SELECT value FROM json_each(:ids)) AND +status IN ('sent', 'delivered', 'bounced', 'unknown')
    AND coalesce(sent_at_us, tried_at_us, claimed_at_us) >= :since_us;

-- The `+` keeps it off the index by status, so that only rows of late messages are read.
-- name: skip_late_messages
UPDATE messages
SET status = 'skipped', reason = 'too late', ready_us = NULL
WHERE ready_us IS NOT NULL AND not_after_us < :now_us AND +status = 'queued'
    AND (coalesce(channel, ''), brand) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:lanes)
    );

-- name: count_late_to_requeue
SELECT count(*) FROM messages
WHERE status IN ('failed', 'unknown') AND not_after_us < :now_us
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
    AND (:customer_id = '' OR customer_id = :customer_id)
    AND (:ids = '[]' OR id IN (SELECT value FROM json_each(:ids)));

-- Without a `now_us`, each from its own moment on.
-- name: requeue_messages
UPDATE messages
SET status = 'queued', reason = NULL, held_until_us = NULL,
    ready_us = max(at_us, coalesce(:now_us, at_us)), not_before_us = max(at_us, coalesce(:now_us, at_us)),
    attempts = 0, claimed_at_us = NULL, tried_at_us = NULL, sent_at_us = NULL, provider_id = '', place = '',
    note = '', former_note = CASE note WHEN '' THEN former_note ELSE note END,
    told_us = NULL, parts = 0, cost_micros = NULL, currency = ''
WHERE status IN ('failed', 'unknown') AND (:now_us IS NULL OR not_after_us >= :now_us)
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
    AND (:customer_id = '' OR customer_id = :customer_id)
    AND (:ids = '[]' OR id IN (SELECT value FROM json_each(:ids)));

-- name: messages_by_id
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: withdraw_messages
UPDATE messages
SET status = 'skipped', reason = w.value, sent_at_us = NULL, provider_id = '', place = '', parts = 0
FROM json_each(:reasons) AS w
WHERE messages.id = w.key AND +status = 'sent'
RETURNING messages.id;

-- name: messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE (at_us, id) > (:after_us, :after_id)
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
    AND (:ids = '[]' OR id IN (SELECT value FROM json_each(:ids)))
ORDER BY at_us, id
LIMIT :limit;

-- name: messages_of_customer
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE customer_id = :customer_id
    AND (at_us, id) > (:after_us, :after_id)
    AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:journey = '' OR journey = :journey)
    AND (:channel = '' OR channel = :channel)
    AND (:brand = '' OR brand = :brand)
    AND (:ids = '[]' OR id IN (SELECT value FROM json_each(:ids)))
ORDER BY at_us, id
LIMIT :limit;

-- name: count_messages
SELECT journey, channel, status, reason, count(*) FROM messages
GROUP BY status, journey, channel, reason;

-- name: count_waiting_messages
SELECT coalesce(channel, ''), brand, count(*) FROM messages
WHERE status IN ('queued', 'claimed')
GROUP BY channel, brand;
