-- Tasks. Filters: an empty text and an empty list do not filter.

-- name: add_task
INSERT INTO tasks (id, status, assignee, dealer, journey, customer_id, at_us, due_us, format, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING;

-- name: task_owners
SELECT id, customer_id FROM tasks WHERE id IN (SELECT value FROM json_each(:ids));

-- name: finish_task
UPDATE tasks SET status = 'done', outcome = :outcome, done_at_us = :done_at_us
WHERE id = :id AND status = 'open';

-- name: tasks
SELECT body, status, outcome, done_at_us FROM tasks
WHERE (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:assignee = '' OR assignee = :assignee)
    AND (:dealer = '' OR dealer = :dealer)
    AND (:journey = '' OR journey = :journey)
    AND (:customer_id = '' OR customer_id = :customer_id)
ORDER BY due_us IS NULL, due_us, at_us, id
LIMIT :limit;
