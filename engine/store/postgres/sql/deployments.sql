-- What is deployed. Numbers follow one another, so whoever asks for one that is taken has come too late; of two at the
-- same time the second waits for the first, and finds the number taken.

-- name: deployed
SELECT coalesce(max(number), 0) FROM deployments;

-- name: add_deployment
INSERT INTO deployments (number, hash, at_us, by, note, restores, manifest)
SELECT %(number)s::bigint, %(hash)s, %(at_us)s::bigint, %(by)s, %(note)s, %(restores)s::bigint, %(manifest)s::bytea
WHERE %(number)s::bigint = (SELECT coalesce(max(number), 0) + 1 FROM deployments)
ON CONFLICT (number) DO NOTHING;

-- name: deployments
SELECT number, at_us, by, note, restores, manifest FROM deployments
WHERE %(number)s::bigint IS NULL OR number = %(number)s
ORDER BY number DESC
LIMIT %(limit)s;

-- name: add_contents
INSERT INTO contents (hash, body)
SELECT hash, body FROM unnest(%(hash)b, %(body)b) AS c (hash, body)
ORDER BY hash
ON CONFLICT (hash) DO NOTHING;

-- name: contents
SELECT hash, body FROM contents WHERE hash = ANY(%(hashes)b);

-- name: known_contents
SELECT hash FROM contents WHERE hash = ANY(%(hashes)b);
