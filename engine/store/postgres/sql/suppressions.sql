-- Where nothing is sent any more, and the keys of the database's own. Both are the same for all partitions. For
-- `IS TRUE` see `customers.sql`.

-- name: add_secret
INSERT INTO secrets (name, value) VALUES (%(name)s, %(value)s) ON CONFLICT (name) DO NOTHING;

-- name: read_secret
SELECT value FROM secrets WHERE name = %(name)s;

-- Of one address and cause, the latest word counts. In the order of the keys, so that two units do not wait for one
-- another crosswise.
-- name: suppress
INSERT INTO suppressions AS s (channel, address, cause, at_us, event)
SELECT channel, address, cause, at_us, event
FROM unnest(%(channel)b, %(address)b, %(cause)b, %(at_us)b, %(event)b)
    WITH ORDINALITY AS n (channel, address, cause, at_us, event, place)
ORDER BY place
ON CONFLICT (address, channel, cause) DO UPDATE SET at_us = excluded.at_us, event = excluded.event
WHERE excluded.at_us > s.at_us;

-- Without an `until_us`, whenever it was said.
-- name: unsuppress
DELETE FROM suppressions AS s
WHERE s.address = ANY(%(address)b) AND EXISTS (
    SELECT FROM unnest(%(channel)b, %(address)b, %(cause)b, %(until_us)b) AS l (channel, address, cause, until_us)
    WHERE l.address = s.address AND l.channel = s.channel AND l.cause = s.cause
        AND (l.until_us IS NULL OR s.at_us <= l.until_us)
) IS TRUE;

-- name: suppressed
SELECT DISTINCT channel, address FROM suppressions WHERE address = ANY(%(addresses)b);

-- name: suppressions_of
SELECT channel, address, cause, at_us, event FROM suppressions
WHERE address = %(address)s AND channel = %(channel)s
ORDER BY cause;

-- name: suppressions
SELECT channel, address, cause, at_us, event FROM suppressions
WHERE (address, channel, cause) > (%(address)s, %(channel)s, %(cause)s)
ORDER BY address, channel, cause
LIMIT %(limit)s;

-- name: count_suppressions
SELECT channel, cause, count(*) FROM suppressions GROUP BY channel, cause;
