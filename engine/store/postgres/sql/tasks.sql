-- Tasks, and the events that journeys make for others. Filters: an empty text and
-- an empty list do not filter.

-- name: add_tasks
INSERT INTO tasks (id, part, status, assignee, dealer, journey, customer_id, at_us, due_us, format, body)
SELECT id, part, status, assignee, dealer, journey, customer_id, at_us, due_us, format, body
FROM unnest(
    %(id)b, %(part)b, %(status)b, %(assignee)b, %(dealer)b, %(journey)b, %(customer_id)b, %(at_us)b, %(due_us)b,
    %(format)b, %(body)b
) AS t (id, part, status, assignee, dealer, journey, customer_id, at_us, due_us, format, body)
ON CONFLICT (id) DO NOTHING;

-- name: task_owners
SELECT id, customer_id FROM tasks WHERE id = ANY(%(ids)b);

-- name: finish_tasks
UPDATE tasks AS t SET status = 'done', outcome = d.outcome, done_at_us = d.done_at_us
FROM (
    SELECT DISTINCT ON (id) id, outcome, done_at_us
    FROM unnest(%(id)b, %(outcome)b, %(done_at_us)b) WITH ORDINALITY AS u (id, outcome, done_at_us, place)
    ORDER BY id, place
) AS d
WHERE t.id = d.id AND t.status = 'open';

-- name: tasks
SELECT body, status, outcome, done_at_us FROM tasks
WHERE (cardinality(%(statuses)b) = 0 OR status = ANY(%(statuses)b))
    AND (%(assignee)s::text = '' OR assignee = %(assignee)s)
    AND (%(dealer)s::text = '' OR dealer = %(dealer)s)
    AND (%(journey)s::text = '' OR journey = %(journey)s)
    AND (%(customer_id)s::text = '' OR customer_id = %(customer_id)s)
    AND part = ANY(%(parts)b)
ORDER BY due_us NULLS LAST, at_us, id
LIMIT %(limit)s;

-- name: add_publications
INSERT INTO publications (part, key)
SELECT part, key FROM unnest(%(part)b, %(key)b) WITH ORDINALITY AS p (part, key, place)
ORDER BY place;

-- name: open_publications
SELECT p.part, p.number, e.customer_id, e.body
FROM publications AS p JOIN events AS e ON e.key = p.key
WHERE p.part = ANY(%(parts)b)
ORDER BY p.number
LIMIT %(limit)s;

-- name: close_publications
DELETE FROM publications
WHERE (part, number) IN (SELECT * FROM unnest(%(part)b, %(number)b));
