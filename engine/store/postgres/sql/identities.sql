-- Customers who have turned out to be one, and contradictions.

-- name: move_owners
UPDATE owners SET customer_id = %(into)s WHERE customer_id = %(old)s;

-- name: move_events
UPDATE events SET customer_id = %(into)s WHERE customer_id = %(old)s;

-- Locked in order of id, as senders lock them, so that neither waits for the other crosswise.
-- name: messages_to_move
SELECT id, body FROM messages WHERE customer_id = %(old)s ORDER BY id FOR UPDATE;

-- name: move_messages
UPDATE messages AS m SET customer_id = %(into)s, body = n.body
FROM unnest(%(id)b, %(body)b) AS n (id, body)
WHERE m.id = n.id;

-- name: tasks_to_move
SELECT id, body FROM tasks WHERE customer_id = %(old)s ORDER BY id FOR UPDATE;

-- name: move_tasks
UPDATE tasks AS t SET customer_id = %(into)s, body = n.body
FROM unnest(%(id)b, %(body)b) AS n (id, body)
WHERE t.id = n.id;

-- name: waiting_messages
SELECT
    body, status, reason, held_until_us, attempts, not_before_us, claimed_at_us, tried_at_us, sent_at_us,
    provider_id, place, note, former_note, told_us, parts, cost_micros, currency
FROM messages
WHERE customer_id = ANY(%(ids)b)
    AND (status IN ('queued', 'claimed', 'sent', 'delivered', 'bounced', 'unknown')) IS TRUE
ORDER BY id
FOR UPDATE;

-- name: skip_merged
WITH skipped AS (
    UPDATE messages AS m
    SET status = 'skipped', reason = 'merged', ready_us = NULL, held_until_us = NULL, not_before_us = NULL
    WHERE m.id = ANY(%(ids)b) AND (m.status = 'queued') IS TRUE
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note, m.at_us
)
INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
SELECT part, id, status, reason, attempts, note, at_us FROM skipped WHERE status = ANY(%(announced)b);

-- name: disputes_of
SELECT body FROM disputes WHERE one = ANY(%(ids)b) OR other = ANY(%(ids)b) ORDER BY id FOR UPDATE;

-- name: put_disputes
INSERT INTO disputes (id, one, other, status, dealer, first_us, last_us, count, body)
SELECT * FROM unnest(
    %(id)b, %(one)b, %(other)b, %(status)b, %(dealer)b, %(first_us)b, %(last_us)b, %(count)b, %(body)b
)
ON CONFLICT (id) DO UPDATE SET
    one = excluded.one, other = excluded.other, status = excluded.status, dealer = excluded.dealer,
    first_us = excluded.first_us, last_us = excluded.last_us, count = excluded.count, body = excluded.body;

-- name: drop_disputes
DELETE FROM disputes WHERE id = ANY(%(ids)b);

-- name: disputes
SELECT body FROM disputes
WHERE (%(status)s = '' OR status = %(status)s) AND (first_us, id) > (%(after_us)s, %(after_id)s)
ORDER BY first_us, id
LIMIT %(limit)s;

-- name: disputes_beginning
SELECT body FROM disputes WHERE id >= %(id)s AND id < %(id)s || 'g' LIMIT 2;
