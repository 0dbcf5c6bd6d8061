-- The words by which a reception finds customers; with which dealers each has dealt; how far both are filled for those
-- who were there before (no row: all are); and the trail of look-ups. Older code would not keep the words.
CREATE TABLE words (
    kind text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, word, customer_id)
);

CREATE TABLE dealings (
    customer_id text COLLATE "C" NOT NULL,
    dealer text COLLATE "C" NOT NULL,
    PRIMARY KEY (customer_id, dealer)
);

CREATE TABLE words_filled (
    cursor text COLLATE "C" NOT NULL
);

INSERT INTO words_filled (cursor) SELECT '' WHERE EXISTS (SELECT FROM customers);

CREATE TABLE lookups (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_us bigint NOT NULL,
    staff text COLLATE "C" NOT NULL,
    dealer text NOT NULL,
    asked text NOT NULL,
    opened boolean NOT NULL,
    more boolean NOT NULL
);

CREATE INDEX lookups_at ON lookups (at_us);
CREATE INDEX lookups_by ON lookups (staff, number);

CREATE TABLE lookups_shown (
    customer_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    nth bigint NOT NULL,
    PRIMARY KEY (customer_id, number)
);

CREATE INDEX lookups_shown_of ON lookups_shown (number);
