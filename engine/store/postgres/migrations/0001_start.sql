-- Moments are microseconds since 1970-01-01 UTC (…_us). Documents are JSON in UTF-8 (body), of the form `format`.
-- Ids and identifiers are compared byte by byte (COLLATE "C"): in the order in which the engine goes through them, on
-- every server alike, and quicker.

-- Who works: a customer belongs to one of the partitions 0 to N - 1, by a hash of the id. Each has one owner at a time,
-- who proves to be it by the token. The one numbered -1 is that of the store as a whole. N is how many others there are.
CREATE TABLE partitions (
    part integer PRIMARY KEY,
    token bigint NOT NULL DEFAULT 0,
    owner text NOT NULL DEFAULT ''
) WITH (fillfactor = 20);

INSERT INTO partitions (part) VALUES (-1);

CREATE TABLE progress (
    stage text COLLATE "C" NOT NULL,
    part integer NOT NULL,
    next_offset bigint NOT NULL,
    arrived_us bigint,
    PRIMARY KEY (stage, part)
) WITH (fillfactor = 20);

CREATE TABLE customers (
    id text COLLATE "C" PRIMARY KEY,
    part integer NOT NULL,
    known boolean NOT NULL,
    version bigint NOT NULL,
    next_due_us bigint,
    format smallint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- Documents of more than 2 KB are compressed; where the server knows lz4, that costs next to nothing.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE customers ALTER COLUMN body SET COMPRESSION lz4;
    END IF;
END
$$;

-- The only timer there is.
CREATE INDEX customers_due ON customers (part, next_due_us, id) WHERE next_due_us IS NOT NULL;
CREATE INDEX customers_known ON customers (part, id) WHERE known;

CREATE TABLE owners (
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (value, kind) -- the value first: even where nothing is known of the table, it is taken to tell more
) WITH (fillfactor = 95);

CREATE TABLE events (
    number bigint GENERATED ALWAYS AS IDENTITY,
    key bytea NOT NULL CONSTRAINT events_key UNIQUE,
    customer_id text COLLATE "C",
    type text NOT NULL,
    time_us bigint NOT NULL,
    decided_at_us bigint NOT NULL,
    format smallint NOT NULL,
    body bytea NOT NULL
);

CREATE INDEX events_of ON events (customer_id, time_us, number) WHERE customer_id IS NOT NULL;

-- The ledger, which is the outbox. `body` is the message as decided and never changes; what becomes of it is in
-- the columns. `ready_us` is since when it may be claimed, NULL where it may not.
CREATE TABLE messages (
    id text COLLATE "C" PRIMARY KEY,
    part integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text,
    journey text COLLATE "C" NOT NULL,
    channel text COLLATE "C",
    brand text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    at_us bigint NOT NULL,
    not_after_us bigint NOT NULL,
    ready_us bigint,
    held_until_us bigint,
    attempts integer NOT NULL DEFAULT 0,
    not_before_us bigint,
    claimed_at_us bigint,
    tried_at_us bigint,
    sent_at_us bigint,
    provider_id text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    former_note text NOT NULL DEFAULT '',
    format smallint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- With the lanes, so that those which wait are passed over without reading their rows.
CREATE INDEX messages_ready ON messages (part, ready_us, id, channel, brand, not_after_us)
WHERE ready_us IS NOT NULL;
CREATE INDEX messages_at ON messages (at_us, id);
CREATE INDEX messages_of ON messages (customer_id, at_us, id);
CREATE INDEX messages_count ON messages (status, journey, channel, reason, brand, part);

-- What has become of messages and has not been announced to other systems yet. Rows come with the outcome and go when
-- it was told, so there are few; the message's own row is not written for it.
CREATE TABLE announcements (
    part integer NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    message_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text,
    attempts integer NOT NULL,
    note text NOT NULL,
    at_us bigint NOT NULL,
    PRIMARY KEY (part, number)
);

CREATE TABLE rejections (
    number bigint GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" PRIMARY KEY,
    status text COLLATE "C" NOT NULL,
    file text NOT NULL,
    line bigint NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    raw bytea NOT NULL,
    at_us bigint NOT NULL
);

CREATE INDEX rejections_status ON rejections (status, number);

CREATE TABLE fan_outs (
    part integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    journey text NOT NULL,
    at_us bigint NOT NULL,
    cursor text COLLATE "C" NOT NULL,
    begun bigint NOT NULL,
    done boolean NOT NULL,
    PRIMARY KEY (part, id)
) WITH (fillfactor = 50);

CREATE INDEX fan_outs_open ON fan_outs (part, at_us, id) WHERE NOT done;

CREATE TABLE facts (
    part integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (part, name)
) WITH (fillfactor = 20);
