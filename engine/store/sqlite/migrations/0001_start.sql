-- Moments are microseconds since 1970-01-01 UTC (…_us). Documents are JSON (body), of the form `format`.

CREATE TABLE customers (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    known INTEGER NOT NULL,
    version INTEGER NOT NULL,
    next_due_us INTEGER,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The only timer there is.
CREATE INDEX customers_due ON customers (next_due_us, id) WHERE next_due_us IS NOT NULL;

CREATE TABLE owners (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    customer_id TEXT,
    type TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    decided_at_us INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX events_of ON events (customer_id, time_us);

-- The ledger, which is the outbox. `body` is the message as decided and never changes; what becomes of it is in
-- the columns. `ready_us` is since when it may be claimed, NULL where it may not.
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    reason TEXT,
    journey TEXT NOT NULL,
    channel TEXT,
    brand TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    ready_us INTEGER,
    held_until_us INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before_us INTEGER,
    claimed_at_us INTEGER,
    tried_at_us INTEGER,
    sent_at_us INTEGER,
    provider_id TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX messages_ready ON messages (ready_us, id) WHERE ready_us IS NOT NULL;
CREATE INDEX messages_at ON messages (at_us, id);
CREATE INDEX messages_of ON messages (customer_id, at_us);
CREATE INDEX messages_count ON messages (status, journey, channel, reason);

CREATE TABLE rejections (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    raw BLOB NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE fan_outs (
    id TEXT PRIMARY KEY,
    journey TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    cursor TEXT NOT NULL,
    done INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX fan_outs_open ON fan_outs (at_us, id) WHERE NOT done;

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
