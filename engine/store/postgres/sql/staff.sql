-- Who may log in to the pages for dealers, who is logged in, and guesses at passwords.

-- name: add_staff
INSERT INTO staff (name, role, dealer, password, since_us, password_since_us)
VALUES (%(name)s, %(role)s, %(dealer)s, %(password)s, %(since_us)s, %(password_since_us)s)
ON CONFLICT (name) DO NOTHING;

-- name: staff
SELECT name, role, dealer, password, since_us, password_since_us FROM staff ORDER BY name;

-- name: login_of
SELECT name, role, dealer, password, since_us, password_since_us FROM staff WHERE name = %(name)s;

-- name: set_password
UPDATE staff SET password = %(password)s, password_since_us = %(at_us)s WHERE name = %(name)s;

-- name: remove_staff
DELETE FROM staff WHERE name = %(name)s;

-- name: open_session
INSERT INTO sessions (token, name, begun_us, seen_us)
SELECT %(token)s, name, %(at_us)s, %(at_us)s FROM staff WHERE name = %(name)s AND password = %(password)s;

-- name: session
SELECT s.name, s.role, s.dealer, o.begun_us, o.seen_us
FROM sessions AS o JOIN staff AS s ON s.name = o.name
WHERE o.token = %(token)s;

-- name: session_seen
UPDATE sessions SET seen_us = %(at_us)s WHERE token = %(token)s AND seen_us < %(at_us)s;

-- name: close_session
DELETE FROM sessions WHERE token = %(token)s;

-- name: close_sessions_of
DELETE FROM sessions WHERE name = %(name)s;

-- name: close_old_sessions
DELETE FROM sessions WHERE begun_us < %(begun_us)s OR seen_us < %(seen_us)s;

-- name: forget_guesses
DELETE FROM guesses WHERE at_us < %(since_us)s;

-- Guesses at the same moment come one after the other.
-- name: lock_guesses
SELECT pg_advisory_xact_lock(1835625573, hashtext('guesses'));

-- name: count_guesses
SELECT count(*) FROM guesses WHERE who = %(who)s;

-- name: add_guess
INSERT INTO guesses (who, at_us) VALUES (%(who)s, %(at_us)s);

-- name: guessed
DELETE FROM guesses WHERE who = %(who)s AND at_us >= %(since_us)s;
