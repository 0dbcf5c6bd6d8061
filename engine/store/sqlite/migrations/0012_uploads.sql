-- readable by: 3

-- Whose a refused input is; empty where that cannot be told.
ALTER TABLE rejections ADD COLUMN dealer TEXT NOT NULL DEFAULT '';
CREATE INDEX rejections_dealer ON rejections (dealer, status, number);

-- Dealers' files on their way in. `claim` is whose reading it is, `seen_us` when that one last was at work.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    dealer TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    mapping TEXT NOT NULL,
    status TEXT NOT NULL,
    claim TEXT NOT NULL,
    seen_us INTEGER,
    done_us INTEGER,
    rows_read INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    refusals BLOB NOT NULL,
    error TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_dealer ON uploads (dealer, at_us DESC, id);
CREATE INDEX uploads_open ON uploads (at_us, id) WHERE status IN ('waiting', 'reading');

CREATE TABLE upload_contents (
    id TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;
