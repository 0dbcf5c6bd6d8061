-- Dealers' files on their way in.

-- One that has failed is put there anew.
-- name: add_upload
INSERT INTO uploads (
    id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted, duplicates,
    rejected,
    refusals, error
)
VALUES (%(id)s, %(dealer)s, %(file_name)s, %(kind)s, %(at_us)s, %(mapping)s, %(status)s, %(claim)s,
    %(seen_us)s, %(done_us)s, %(rows_read)s, %(accepted)s, %(duplicates)s, %(rejected)s, %(refusals)s,
    %(error)s)
ON CONFLICT (id) DO UPDATE SET
    status = 'waiting', at_us = excluded.at_us, claim = '', seen_us = NULL, done_us = NULL, rows_read = 0,
    accepted = 0, duplicates = 0, rejected = 0, error = ''
WHERE uploads.status = 'failed';

-- name: add_upload_content
INSERT INTO upload_contents (id, content) VALUES (%(id)s, %(content)s)
ON CONFLICT (id) DO NOTHING;

-- name: upload
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE id = %(id)s;

-- name: uploads
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE dealer = %(dealer)s AND (at_us < %(before_us)s OR (at_us = %(before_us)s AND id > %(before_id)s))
ORDER BY at_us DESC, id
LIMIT %(limit)s;

-- name: upload_content
SELECT content FROM upload_contents WHERE id = %(id)s;

-- name: claim_upload
UPDATE uploads SET status = 'reading', claim = %(claim)s, seen_us = %(now_us)s
WHERE id = (
    SELECT id FROM uploads
    WHERE status = 'waiting' OR (status = 'reading' AND seen_us < %(stale_us)s)
    ORDER BY at_us, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
);

-- name: claimed_upload
SELECT id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, rows_read, accepted,
    duplicates, rejected, refusals, error
FROM uploads
WHERE claim = %(claim)s;

-- name: note_upload
UPDATE uploads SET
    status = %(status)s, seen_us = %(seen_us)s, done_us = %(done_us)s, rows_read = %(rows_read)s,
    accepted = %(accepted)s,
    duplicates = %(duplicates)s, rejected = %(rejected)s, refusals = %(refusals)s, error = %(error)s
WHERE id = %(id)s AND claim = %(claim)s AND status = 'reading';

-- name: forget_upload_contents
DELETE FROM upload_contents WHERE id IN (SELECT id FROM uploads WHERE done_us < %(before_us)s);
