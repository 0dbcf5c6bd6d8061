-- Customers and the identifiers that lead to them. Lists come as arrays, a column of a batch each.
-- A condition that is only to be looked at again, when its row was found, is kept off its index by `IS TRUE`.

-- Locked in order of id, as everybody does, so that two units do not wait for one another crosswise.
-- name: lock_customers
SELECT id, part, version, body FROM customers
WHERE id = ANY(%(ids)b)
ORDER BY id
FOR UPDATE;

-- name: read_customers
SELECT body FROM customers WHERE id = ANY(%(ids)b);

-- name: insert_customers
INSERT INTO customers (id, part, known, version, next_due_us, format, body)
SELECT * FROM unnest(
    %(id)b, %(part)b, %(known)b, %(version)b, %(next_due_us)b,
    %(format)b, %(body)b
)
ON CONFLICT (id) DO NOTHING;

-- name: update_customers
UPDATE customers AS c
SET known = n.known, version = n.version, next_due_us = n.next_due_us, format = n.format, body = n.body
FROM unnest(
    %(id)b, %(known)b, %(version)b, %(next_due_us)b, %(format)b,
    %(body)b, %(version_read)b
) AS n (id, known, version, next_due_us, format, body, version_read)
WHERE c.id = n.id AND c.version = n.version_read;

-- The first of each partition, then the first of all; locked by id, and looked at again, as they may have changed
-- while it waited.
-- name: due_customers
WITH due AS MATERIALIZED (
    SELECT d.id
    FROM unnest(%(parts)b) AS p (part)
    CROSS JOIN LATERAL (
        SELECT c.id, c.next_due_us FROM customers AS c
        WHERE c.part = p.part AND c.next_due_us <= %(until_us)s
        ORDER BY c.next_due_us, c.id
        LIMIT %(limit)s
    ) AS d
    ORDER BY d.next_due_us, d.id
    LIMIT %(limit)s
)
SELECT id, part, version, body FROM customers
WHERE id = ANY(ARRAY(SELECT id FROM due)) AND (next_due_us <= %(until_us)s) IS TRUE
ORDER BY id
FOR UPDATE;

-- name: count_due
SELECT count(*) FROM (
    SELECT FROM customers
    WHERE part = ANY(%(parts)b) AND next_due_us <= %(until_us)s
    LIMIT %(limit)s
) AS d;

-- name: customers_after
WITH next AS MATERIALIZED (
    SELECT k.id
    FROM unnest(%(parts)b) AS p (part)
    CROSS JOIN LATERAL (
        SELECT c.id FROM customers AS c
        WHERE c.part = p.part AND c.known AND c.id > %(cursor)s
        ORDER BY c.id
        LIMIT %(limit)s
    ) AS k
    ORDER BY k.id
    LIMIT %(limit)s
)
SELECT id, part, version, body FROM customers
WHERE id = ANY(ARRAY(SELECT id FROM next))
ORDER BY id
FOR UPDATE;

-- name: read_customers_after
SELECT body FROM customers
WHERE id > %(cursor)s AND known AND part = ANY(%(parts)b)
ORDER BY id
LIMIT %(limit)s;

-- name: count_customers
SELECT count(*) FROM customers WHERE part = ANY(%(parts)b);

-- name: read_owners
SELECT value, customer_id FROM owners WHERE value = ANY(%(values)b) AND kind = %(kind)s;

-- name: learn_owners
INSERT INTO owners (kind, value, customer_id)
SELECT * FROM unnest(%(kind)b, %(value)b, %(customer_id)b)
ON CONFLICT (value, kind) DO UPDATE SET customer_id = excluded.customer_id
WHERE owners.customer_id <> excluded.customer_id;

-- name: learn_new_owners
INSERT INTO owners (kind, value, customer_id)
SELECT * FROM unnest(%(kind)b, %(value)b, %(customer_id)b)
ON CONFLICT (value, kind) DO NOTHING;
