-- What is deployed. Numbers follow one another, so whoever asks for one that is taken has come too late.

-- name: deployed
SELECT coalesce(max(number), 0) FROM deployments;

-- name: add_deployment
INSERT INTO deployments (number, hash, at_us, by, note, restores, manifest)
SELECT :number, :hash, :at_us, :by, :note, :restores, :manifest
WHERE :number = (SELECT coalesce(max(number), 0) + 1 FROM deployments);

-- name: deployments
SELECT number, at_us, by, note, restores, manifest FROM deployments
WHERE :number IS NULL OR number = :number
ORDER BY number DESC
LIMIT :limit;

-- name: add_content
INSERT INTO contents (hash, body) VALUES (?, ?)
ON CONFLICT (hash) DO NOTHING;

-- name: contents
SELECT hash, body FROM contents WHERE hash IN (SELECT value FROM json_each(:hashes));

-- name: known_contents
SELECT hash FROM contents WHERE hash IN (SELECT value FROM json_each(:hashes));
