-- readable by: 3

-- What is deployed: the files' contents by their hash, each kept once; the deployments, of which the newest is in force,
-- each with its list of files (JSON, path to hash).
CREATE TABLE contents (
    hash TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE deployments (
    number INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    by TEXT NOT NULL,
    note TEXT NOT NULL,
    restores INTEGER,
    manifest BLOB NOT NULL
) STRICT;
