-- Dealers' files on their way in.

-- One that has failed is put there anew.
-- name: add_upload
INSERT INTO uploads (
    id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted, duplicates,
    rejected,
    refusals, error
)
VALUES (:id, :dealer, :file_name, :kind, :at_us, :mapping, :status, :claim, :seen_us, :done_us, :rows_read,
    :accepted, :duplicates, :rejected, :refusals, :error)
ON CONFLICT (id) DO UPDATE SET
    status = 'waiting', at_us = excluded.at_us, claim = '', seen_us = NULL, done_us = NULL, rows_read = 0,
    accepted = 0, duplicates = 0, rejected = 0, error = ''
WHERE uploads.status = 'failed';

-- name: add_upload_content
INSERT INTO upload_contents (id, content) VALUES (:id, :content)
ON CONFLICT (id) DO NOTHING;

-- name: upload
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE id = :id;

-- name: uploads
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE dealer = :dealer AND (at_us < :before_us OR (at_us = :before_us AND id > :before_id))
ORDER BY at_us DESC, id
LIMIT :limit;

-- name: upload_content
SELECT content FROM upload_contents WHERE id = :id;

-- name: claim_upload
UPDATE uploads SET status = 'reading', claim = :claim, seen_us = :now_us
WHERE id = (
    SELECT id FROM uploads
    WHERE status = 'waiting' OR (status = 'reading' AND seen_us < :stale_us)
    ORDER BY at_us, id
    LIMIT 1
);

-- name: claimed_upload
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE claim = :claim;

-- name: note_upload
UPDATE uploads SET
    status = :status, seen_us = :seen_us, done_us = :done_us, rows_read = :rows_read, accepted = :accepted,
    duplicates = :duplicates, rejected = :rejected, refusals = :refusals, error = :error
WHERE id = :id AND claim = :claim AND status = 'reading';

-- name: forget_upload_contents
DELETE FROM upload_contents WHERE id IN (SELECT id FROM uploads WHERE done_us < :before_us);
