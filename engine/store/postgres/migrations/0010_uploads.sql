-- readable by: 1

-- Whose a refused input is; empty where that cannot be told.
ALTER TABLE rejections ADD COLUMN dealer text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX rejections_dealer ON rejections (dealer, status, number);

-- Dealers' files on their way in. `claim` is whose reading it is, `seen_us` when that one last was at work.
CREATE TABLE uploads (
    id text COLLATE "C" PRIMARY KEY,
    dealer text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    at_us bigint NOT NULL,
    mapping text NOT NULL,
    status text COLLATE "C" NOT NULL,
    claim text COLLATE "C" NOT NULL,
    seen_us bigint,
    done_us bigint,
    rows_read bigint NOT NULL,
    accepted bigint NOT NULL,
    duplicates bigint NOT NULL,
    rejected bigint NOT NULL,
    refusals bytea NOT NULL,
    error text NOT NULL
);

CREATE INDEX uploads_dealer ON uploads (dealer, at_us DESC, id);
CREATE INDEX uploads_open ON uploads (at_us, id) WHERE status IN ('waiting', 'reading');

CREATE TABLE upload_contents (
    id text COLLATE "C" PRIMARY KEY,
    content bytea NOT NULL
);
