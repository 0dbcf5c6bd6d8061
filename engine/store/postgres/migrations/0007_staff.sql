-- readable by: 1

-- Who may log in to the pages for dealers; who is logged in, by the hash of what the browser shows; guesses at
-- passwords, by hashes of whose and from where.
CREATE TABLE staff (
    name text COLLATE "C" PRIMARY KEY,
    role text NOT NULL,
    dealer text NOT NULL,
    password text NOT NULL,
    since_us bigint NOT NULL,
    password_since_us bigint NOT NULL
);

CREATE TABLE sessions (
    token bytea PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    begun_us bigint NOT NULL,
    seen_us bigint NOT NULL
);

CREATE INDEX sessions_of ON sessions (name);

CREATE TABLE guesses (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    who bytea NOT NULL,
    at_us bigint NOT NULL
);

CREATE INDEX guesses_of ON guesses (who, at_us);
CREATE INDEX guesses_at ON guesses (at_us);
