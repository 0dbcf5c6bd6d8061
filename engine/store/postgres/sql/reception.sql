-- The words by which a reception finds customers, who has dealt with whom, and the trail of look-ups.

-- name: add_words
INSERT INTO words (kind, word, customer_id)
SELECT * FROM unnest(%(kind)b, %(word)b, %(customer_id)b)
ON CONFLICT DO NOTHING;

-- name: drop_words
DELETE FROM words AS w
USING unnest(%(kind)b, %(word)b, %(customer_id)b) AS g (kind, word, customer_id)
WHERE w.kind = g.kind AND w.word = g.word AND w.customer_id = g.customer_id;

-- name: add_dealings
INSERT INTO dealings (customer_id, dealer)
SELECT * FROM unnest(%(customer_id)b, %(dealer)b)
ON CONFLICT DO NOTHING;

-- name: copy_dealings
INSERT INTO dealings (customer_id, dealer)
SELECT %(customer_id)s, dealer FROM dealings WHERE customer_id = %(other)s
ON CONFLICT DO NOTHING;

-- name: drop_dealings
DELETE FROM dealings WHERE customer_id = ANY(%(ids)b);

-- name: drop_shown
DELETE FROM lookups_shown WHERE customer_id = ANY(%(ids)b);

-- name: dealers_of
SELECT dealer FROM dealings WHERE customer_id = %(customer_id)s;

-- name: find_words
SELECT w.kind, w.word, w.customer_id
FROM unnest(%(kind)b, %(low)b, %(high)b) AS r (kind, low, high)
CROSS JOIN LATERAL (
    SELECT f.kind, f.word, f.customer_id FROM words AS f
    WHERE f.kind = r.kind AND f.word >= r.low AND f.word < r.high
        AND (
            %(dealer)s = '' OR EXISTS (
                SELECT FROM dealings AS d WHERE d.customer_id = f.customer_id AND d.dealer = %(dealer)s
            )
        )
    ORDER BY f.kind, f.word, f.customer_id
    LIMIT %(limit)s
) AS w
LIMIT %(limit)s;

-- name: words_filled
SELECT cursor FROM words_filled FOR UPDATE;

-- name: customers_to_fill
SELECT id, body FROM customers WHERE id > %(cursor)s ORDER BY id LIMIT %(limit)s FOR UPDATE;

-- name: events_to_fill
SELECT customer_id, body FROM events WHERE customer_id = ANY(%(ids)b);

-- name: fill_words_on
UPDATE words_filled SET cursor = %(cursor)s;

-- name: words_are_filled
DELETE FROM words_filled;

-- name: add_lookup
INSERT INTO lookups (at_us, staff, dealer, asked, opened, more)
VALUES (%(at_us)s, %(staff)s, %(dealer)s, %(asked)s, %(opened)s, %(more)s)
RETURNING number;

-- name: add_shown
INSERT INTO lookups_shown (number, nth, customer_id)
SELECT * FROM unnest(%(number)b, %(nth)b, %(customer_id)b)
ON CONFLICT DO NOTHING;

-- name: drop_old_shown
DELETE FROM lookups_shown AS s USING lookups AS l WHERE l.number = s.number AND l.at_us < %(since_us)s;

-- name: drop_old_lookups
DELETE FROM lookups WHERE at_us < %(since_us)s;

-- name: lookups
SELECT number, at_us, staff, dealer, asked, opened, more FROM lookups
WHERE (%(number)s::bigint IS NULL OR number = %(number)s) AND (%(staff)s = '' OR staff = %(staff)s)
    AND (
        %(customer_id)s = ''
        OR number IN (SELECT s.number FROM lookups_shown AS s WHERE s.customer_id = %(customer_id)s)
    )
ORDER BY number DESC
LIMIT %(limit)s;

-- name: shown
SELECT number, customer_id FROM lookups_shown WHERE number = ANY(%(number)b) ORDER BY number, nth;
