-- readable by: 3

-- Who may log in to the pages for dealers; who is logged in, by the hash of what the browser shows; guesses at
-- passwords, by hashes of whose and from where.
CREATE TABLE staff (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    dealer TEXT NOT NULL,
    password TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    password_since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    begun_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of ON sessions (name);

CREATE TABLE guesses (
    number INTEGER PRIMARY KEY,
    who BLOB NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;

CREATE INDEX guesses_of ON guesses (who, at_us);
CREATE INDEX guesses_at ON guesses (at_us);
