-- Customers who have turned out to be one, and contradictions.

-- name: move_owners
UPDATE owners SET customer_id = :into WHERE customer_id = :old;

-- name: move_events
UPDATE events SET customer_id = :into WHERE customer_id = :old;

-- name: messages_to_move
SELECT id, body FROM messages WHERE customer_id = :old;

-- name: move_message
UPDATE messages SET customer_id = ?, body = ? WHERE id = ?;

-- name: tasks_to_move
SELECT id, body FROM tasks WHERE +customer_id = :old;

-- name: move_task
UPDATE tasks SET customer_id = ?, body = ? WHERE id = ?;

-- name: waiting_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE customer_id IN (SELECT value FROM json_each(:ids))
    AND +status IN ('queued', 'claimed', 'sent', 'delivered', 'bounced', 'unknown');

-- name: skip_merged
UPDATE messages
SET status = 'skipped', reason = 'merged', ready_us = NULL, held_until_us = NULL, not_before_us = NULL
WHERE id IN (SELECT value FROM json_each(:ids)) AND +status = 'queued';

-- name: disputes_of
SELECT body FROM disputes WHERE one IN (SELECT value FROM json_each(:ids))
UNION
SELECT body FROM disputes WHERE other IN (SELECT value FROM json_each(:ids));

-- name: put_dispute
INSERT INTO disputes (id, one, other, status, dealer, first_us, last_us, count, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    one = excluded.one, other = excluded.other, status = excluded.status, dealer = excluded.dealer,
    first_us = excluded.first_us, last_us = excluded.last_us, count = excluded.count, body = excluded.body;

-- name: drop_disputes
DELETE FROM disputes WHERE id IN (SELECT value FROM json_each(:ids));

-- name: disputes
SELECT body FROM disputes
WHERE (:status = '' OR status = :status) AND (first_us, id) > (:after_us, :after_id)
ORDER BY first_us, id
LIMIT :limit;

-- name: disputes_beginning
SELECT body FROM disputes WHERE id >= :id AND id < :id || 'g' LIMIT 2;
