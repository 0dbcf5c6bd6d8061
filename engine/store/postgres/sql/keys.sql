-- Dealers' keys.

-- name: add_key
INSERT INTO dealer_keys (id, dealer, digest, scopes, created_us, expires_us, revoked_us, used_us, signing)
VALUES (%(id)s, %(dealer)s, %(digest)s, %(scopes)s, %(created_us)s, %(expires_us)s, %(revoked_us)s, %(used_us)s, %(signing)s);

-- name: key_of
SELECT id, dealer, digest, scopes, created_us, expires_us, revoked_us, used_us, signing
FROM dealer_keys
WHERE id = %(id)s;

-- Without a dealer, all.
-- name: dealer_keys
SELECT id, dealer, digest, scopes, created_us, expires_us, revoked_us, used_us, signing
FROM dealer_keys
WHERE %(dealer)s = '' OR dealer = %(dealer)s
ORDER BY dealer, created_us, id;

-- name: shorten_key
UPDATE dealer_keys SET expires_us = CASE WHEN expires_us < %(until_us)s THEN expires_us ELSE %(until_us)s END
WHERE id = %(id)s AND revoked_us IS NULL;

-- name: revoke_key
UPDATE dealer_keys SET revoked_us = %(at_us)s WHERE id = %(id)s AND revoked_us IS NULL;

-- name: key_used
UPDATE dealer_keys SET used_us = %(at_us)s WHERE id = %(id)s AND (used_us IS NULL OR used_us < %(at_us)s);
