-- Where nothing is sent any more, and the keys of the database's own.

-- name: add_secret
INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING;

-- name: read_secret
SELECT value FROM secrets WHERE name = :name;

-- Of one address and cause, the latest word counts.
-- name: suppress
INSERT INTO suppressions (channel, address, cause, at_us, event) VALUES (:channel, :address, :cause, :at_us, :event)
ON CONFLICT (address, channel, cause) DO UPDATE SET at_us = excluded.at_us, event = excluded.event
WHERE excluded.at_us > suppressions.at_us;

-- Without an `until_us`, whenever it was said.
-- name: unsuppress
DELETE FROM suppressions
WHERE address = :address AND channel = :channel AND cause = :cause AND (:until_us IS NULL OR at_us <= :until_us);

-- A list of hashes is one blob of 32 bytes each.
-- name: suppressed
WITH RECURSIVE place (n) AS (
    VALUES (0) UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count
)
SELECT DISTINCT s.channel, s.address
FROM place CROSS JOIN suppressions AS s ON s.address = substr(:addresses, n * 32 + 1, 32);

-- name: suppressions_of
SELECT channel, address, cause, at_us, event FROM suppressions
WHERE address = :address AND channel = :channel
ORDER BY cause;

-- name: suppressions
SELECT channel, address, cause, at_us, event FROM suppressions
WHERE (address, channel, cause) > (:address, :channel, :cause)
ORDER BY address, channel, cause
LIMIT :limit;

-- name: count_suppressions
SELECT channel, cause, count(*) FROM suppressions GROUP BY channel, cause;
