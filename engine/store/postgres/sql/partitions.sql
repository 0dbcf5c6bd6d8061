-- Partitions and their owners; what each has of its own: fan-outs, facts, and how far the stages have come.

-- Waits for one who takes a partition over, and lets nobody do so until the transaction ends. Does not keep others
-- from the same, nor from other partitions.
-- name: lock_tokens
SELECT part, token FROM partitions
WHERE part = ANY(%(parts)b)
ORDER BY part
FOR SHARE;

-- The same for one who works on all of them, and lets nobody else.
-- name: lock_tokens_alone
SELECT part, token FROM partitions
WHERE part = ANY(%(parts)b)
ORDER BY part
FOR UPDATE;

-- Units of the store as a whole come one after another.
-- name: lock_alone
SELECT token FROM partitions WHERE part = -1 FOR UPDATE;

-- Waits for every unit of the former owner's that is under way.
-- name: take_over
UPDATE partitions SET token = token + 1, owner = %(owner)s
WHERE part = %(part)s
RETURNING token;

-- name: count_partitions
SELECT count(*) FROM partitions WHERE part >= 0;

-- name: set_up_partitions
INSERT INTO partitions (part) SELECT generate_series(0, %(count)s - 1);

-- name: note_progress
INSERT INTO progress AS p (stage, part, next_offset, arrived_us)
VALUES (%(stage)s, %(part)s, %(next_offset)s, %(arrived_us)s)
ON CONFLICT (stage, part) DO UPDATE SET
    next_offset = greatest(p.next_offset, excluded.next_offset),
    arrived_us = greatest(p.arrived_us, excluded.arrived_us);

-- name: read_progress
SELECT part, next_offset, arrived_us FROM progress WHERE stage = %(stage)s;

-- name: forget_progress
DELETE FROM progress WHERE stage = %(stage)s;

-- name: get_fact
SELECT value FROM facts WHERE part = %(part)s AND name = %(name)s;

-- name: set_fact
INSERT INTO facts (part, name, value) VALUES (%(part)s, %(name)s, %(value)s)
ON CONFLICT (part, name) DO UPDATE SET value = excluded.value;
