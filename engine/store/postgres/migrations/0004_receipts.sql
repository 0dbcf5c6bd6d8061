-- readable by: 1

-- What providers tell of messages once they have them: `told_us` is when the latest of it came that has changed the
-- message's status, `parts` of how many parts it was, `cost_micros` what it cost, in millionths of `currency`'s unit.
ALTER TABLE messages ADD COLUMN told_us bigint;
ALTER TABLE messages ADD COLUMN parts integer NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN cost_micros bigint;
ALTER TABLE messages ADD COLUMN currency text NOT NULL DEFAULT '';

-- Keys of the database's own, made at the first need and the same for ever.
CREATE TABLE secrets (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- Where nothing is sent any more. `address` is a hash (32 bytes) of the address, with the secret `suppressions`.
CREATE TABLE suppressions (
    channel text COLLATE "C" NOT NULL,
    address bytea NOT NULL,
    cause text COLLATE "C" NOT NULL,
    at_us bigint NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (address, channel, cause)
);
