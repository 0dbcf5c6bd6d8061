-- The log of events, refused inputs.

-- name: seen_keys
SELECT key FROM events WHERE key = ANY(%(keys)b);

-- Numbered in the order in which they come.
-- name: log_events
INSERT INTO events (key, customer_id, type, time_us, decided_at_us, format, body)
SELECT key, customer_id, type, time_us, decided_at_us, format, body
FROM unnest(
    %(key)b, %(customer_id)b, %(type)b, %(time_us)b, %(decided_at_us)b,
    %(format)b, %(body)b
) WITH ORDINALITY AS e (key, customer_id, type, time_us, decided_at_us, format, body, place)
ORDER BY place;

-- name: events_of
SELECT body, decided_at_us FROM events
WHERE customer_id = %(customer_id)s
ORDER BY time_us DESC, number DESC
LIMIT %(limit)s;

-- name: arrivals
SELECT customer_id, body, decided_at_us FROM events
WHERE customer_id = ANY(%(ids)b)
ORDER BY number;

-- name: add_rejections
INSERT INTO rejections (id, status, file, line, field, reason, raw, at_us, dealer)
SELECT id, status, file, line, field, reason, raw, at_us, dealer
FROM unnest(
    %(id)b, %(status)b, %(file)b, %(line)b, %(field)b, %(reason)b,
    %(raw)b, %(at_us)b, %(dealer)b
) WITH ORDINALITY AS r (id, status, file, line, field, reason, raw, at_us, dealer, place)
ORDER BY place
ON CONFLICT (id) DO NOTHING;

-- name: retry_rejections
UPDATE rejections SET status = 'retried' WHERE id = ANY(%(ids)b) AND (status = 'open') IS TRUE;

-- name: rejections
SELECT number, id, file, line, field, reason, raw, at_us, status, dealer FROM rejections
WHERE status = %(status)s AND number > %(after)s
ORDER BY number
LIMIT %(limit)s;

-- name: dealers_rejections
SELECT number, id, file, line, field, reason, raw, at_us, status, dealer FROM rejections
WHERE dealer = %(dealer)s AND status = %(status)s AND number > %(after)s
ORDER BY number
LIMIT %(limit)s;

-- name: rejection
SELECT id, file, line, field, reason, raw, at_us, status, dealer FROM rejections WHERE id = %(id)s;
