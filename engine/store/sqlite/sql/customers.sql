-- Customers and the identifiers that lead to them. Lists come as JSON arrays, one parameter each. Statements that
-- are done for each row of a batch take their parameters by place, which costs half as much as by name.

-- name: read_customer
SELECT body FROM customers WHERE id = ?;

-- name: read_customers
SELECT c.body
FROM json_each(:ids) AS wanted CROSS JOIN customers AS c ON c.id = wanted.value;

-- name: put_customer
INSERT INTO customers (id, known, version, next_due_us, format, body)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    known = excluded.known,
    version = excluded.version,
    next_due_us = excluded.next_due_us,
    format = excluded.format,
    body = excluded.body;

-- name: due_customers
SELECT body FROM customers
WHERE next_due_us <= :until_us
ORDER BY next_due_us, id
LIMIT :limit;

-- name: customers_after
SELECT body FROM customers
WHERE id > :cursor AND known
ORDER BY id
LIMIT :limit;

-- name: count_customers
SELECT count(*) FROM customers;

-- Identifiers come as one object: a kind, and the list of its values.
-- name: read_owners
SELECT o.kind, o.value, o.customer_id
FROM json_each(:by_kind) AS kinds
CROSS JOIN json_each(kinds.value) AS wanted
CROSS JOIN owners AS o ON o.kind = kinds.key AND o.value = wanted.value;

-- name: learn_owner
INSERT INTO owners (kind, value, customer_id) VALUES (?, ?, ?)
ON CONFLICT (kind, value) DO UPDATE SET customer_id = excluded.customer_id;
