-- The words by which a reception finds customers, who has dealt with whom, and the trail of look-ups.

-- name: add_word
INSERT INTO words (kind, word, customer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: drop_word
DELETE FROM words WHERE kind = ? AND word = ? AND customer_id = ?;

-- name: add_dealing
INSERT INTO dealings (customer_id, dealer) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: copy_dealings
INSERT INTO dealings (customer_id, dealer)
SELECT :customer_id, dealer FROM dealings WHERE customer_id = :other
ON CONFLICT DO NOTHING;

-- name: drop_dealings
DELETE FROM dealings WHERE customer_id IN (SELECT value FROM json_each(:ids));

-- name: drop_shown
DELETE FROM lookups_shown WHERE customer_id IN (SELECT value FROM json_each(:ids));

-- name: dealers_of
SELECT dealer FROM dealings WHERE customer_id = :customer_id;

-- Ranges come as a list of kind, first word, and the word before which it ends.
-- name: find_words
SELECT w.kind, w.word, w.customer_id
FROM json_each(:ranges) AS r
CROSS JOIN words AS w
    ON w.kind = json_extract(r.value, '$[0]')
    AND w.word >= json_extract(r.value, '$[1]') AND w.word < json_extract(r.value, '$[2]')
WHERE :dealer = '' OR EXISTS (
    SELECT 1 FROM dealings AS d WHERE d.customer_id = w.customer_id AND d.dealer = :dealer
)
LIMIT :limit;

-- name: words_filled
SELECT cursor FROM words_filled;

-- name: customers_to_fill
SELECT body FROM customers WHERE id > :cursor ORDER BY id LIMIT :limit;

-- name: events_to_fill
SELECT e.customer_id, e.body
FROM json_each(:ids) AS wanted CROSS JOIN events AS e ON e.customer_id = wanted.value;

-- name: fill_words_on
UPDATE words_filled SET cursor = :cursor;

-- name: words_are_filled
DELETE FROM words_filled;

-- name: add_lookup
INSERT INTO lookups (at_us, staff, dealer, asked, opened, more)
VALUES (:at_us, :staff, :dealer, :asked, :opened, :more)
RETURNING number;

-- name: add_shown
INSERT INTO lookups_shown (number, nth, customer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: drop_old_shown
DELETE FROM lookups_shown WHERE number IN (SELECT number FROM lookups WHERE at_us < :since_us);

-- name: drop_old_lookups
DELETE FROM lookups WHERE at_us < :since_us;

-- name: lookups
SELECT number, at_us, staff, dealer, asked, opened, more FROM lookups
WHERE (:number IS NULL OR number = :number) AND (:staff = '' OR staff = :staff)
    AND (:customer_id = '' OR number IN (SELECT number FROM lookups_shown WHERE customer_id = :customer_id))
ORDER BY number DESC
LIMIT :limit;

-- name: shown
SELECT s.number, s.customer_id FROM lookups_shown AS s
WHERE s.number IN (SELECT value FROM json_each(:numbers))
ORDER BY s.number, s.nth;
