-- The words by which a reception finds customers; with which dealers each has dealt; how far both are filled for those
-- who were there before (no row: all are); and the trail of look-ups. Older code would not keep the words.
CREATE TABLE words (
    kind TEXT NOT NULL,
    word TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (kind, word, customer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dealings (
    customer_id TEXT NOT NULL,
    dealer TEXT NOT NULL,
    PRIMARY KEY (customer_id, dealer)
) STRICT, WITHOUT ROWID;

CREATE TABLE words_filled (
    cursor TEXT NOT NULL
) STRICT;

INSERT INTO words_filled (cursor) SELECT '' WHERE EXISTS (SELECT 1 FROM customers);

CREATE TABLE lookups (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_us INTEGER NOT NULL,
    staff TEXT NOT NULL,
    dealer TEXT NOT NULL,
    asked TEXT NOT NULL,
    opened INTEGER NOT NULL,
    more INTEGER NOT NULL
) STRICT;

CREATE INDEX lookups_at ON lookups (at_us);
CREATE INDEX lookups_by ON lookups (staff, number);

CREATE TABLE lookups_shown (
    customer_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    PRIMARY KEY (customer_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX lookups_shown_of ON lookups_shown (number);
