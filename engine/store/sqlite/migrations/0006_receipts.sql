-- readable by: 3

-- What providers tell of messages once they have them: `told_us` is when the latest of it came that has changed the
-- message's status, `parts` of how many parts it was, `cost_micros` what it cost, in millionths of `currency`'s unit.
ALTER TABLE messages ADD COLUMN told_us INTEGER;
ALTER TABLE messages ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN cost_micros INTEGER;
ALTER TABLE messages ADD COLUMN currency TEXT NOT NULL DEFAULT '';

-- Keys of the database's own, made at the first need and the same for ever.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Where nothing is sent any more. `address` is a hash (32 bytes) of the address, with the secret `suppressions`.
CREATE TABLE suppressions (
    channel TEXT NOT NULL,
    address BLOB NOT NULL,
    cause TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (address, channel, cause)
) STRICT, WITHOUT ROWID;
