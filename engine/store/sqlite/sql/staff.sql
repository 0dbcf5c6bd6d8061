-- Who may log in to the pages for dealers, who is logged in, and guesses at passwords.

-- name: add_staff
INSERT INTO staff (name, role, dealer, password, since_us, password_since_us)
VALUES (:name, :role, :dealer, :password, :since_us, :password_since_us)
ON CONFLICT (name) DO NOTHING;

-- name: staff
SELECT name, role, dealer, password, since_us, password_since_us FROM staff ORDER BY name;

-- name: login_of
SELECT name, role, dealer, password, since_us, password_since_us FROM staff WHERE name = :name;

-- name: set_password
UPDATE staff SET password = :password, password_since_us = :at_us WHERE name = :name;

-- name: remove_staff
DELETE FROM staff WHERE name = :name;

-- name: open_session
INSERT INTO sessions (token, name, begun_us, seen_us)
SELECT :token, name, :at_us, :at_us FROM staff WHERE name = :name AND password = :password;

-- name: session
SELECT s.name, s.role, s.dealer, o.begun_us, o.seen_us
FROM sessions AS o JOIN staff AS s ON s.name = o.name
WHERE o.token = :token;

-- name: session_seen
UPDATE sessions SET seen_us = :at_us WHERE token = :token AND seen_us < :at_us;

-- name: close_session
DELETE FROM sessions WHERE token = :token;

-- name: close_sessions_of
DELETE FROM sessions WHERE name = :name;

-- name: close_old_sessions
DELETE FROM sessions WHERE begun_us < :begun_us OR seen_us < :seen_us;

-- name: forget_guesses
DELETE FROM guesses WHERE at_us < :since_us;

-- name: count_guesses
SELECT count(*) FROM guesses WHERE who = :who;

-- name: add_guess
INSERT INTO guesses (who, at_us) VALUES (:who, :at_us);

-- name: guessed
DELETE FROM guesses WHERE who = :who AND at_us >= :since_us;
