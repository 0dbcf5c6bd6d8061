-- The log of events, refused inputs, facts.

-- The keys come as one BLOB, 16 bytes each.
-- name: seen_keys
WITH RECURSIVE place (n) AS (
    VALUES (0) UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count
)
SELECT e.key
FROM place CROSS JOIN events AS e ON e.key = substr(:keys, n * 16 + 1, 16);

-- name: log_event
INSERT INTO events (key, customer_id, type, time_us, decided_at_us, format, body)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: events_of
SELECT body, decided_at_us FROM events
WHERE customer_id = :customer_id
ORDER BY time_us DESC, number DESC
LIMIT :limit;

-- name: arrivals
SELECT customer_id, body, decided_at_us FROM events
WHERE customer_id IN (SELECT value FROM json_each(:ids))
ORDER BY number;

-- name: add_rejection
INSERT INTO rejections (id, status, file, line, field, reason, raw, at_us, dealer)
VALUES (:id, :status, :file, :line, :field, :reason, :raw, :at_us, :dealer)
ON CONFLICT (id) DO NOTHING;

-- name: retry_rejections
UPDATE rejections SET status = 'retried'
WHERE id IN (SELECT value FROM json_each(:ids)) AND status = 'open';

-- name: rejections
SELECT number, id, file, line, field, reason, raw, at_us, status, dealer FROM rejections
WHERE status = :status AND number > :after
ORDER BY number
LIMIT :limit;

-- name: dealers_rejections
SELECT number, id, file, line, field, reason, raw, at_us, status, dealer FROM rejections
WHERE dealer = :dealer AND status = :status AND number > :after
ORDER BY number
LIMIT :limit;

-- name: rejection
SELECT id, file, line, field, reason, raw, at_us, status, dealer FROM rejections WHERE id = :id;

-- name: get_fact
SELECT value FROM facts WHERE name = :name;

-- name: set_fact
INSERT INTO facts (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
