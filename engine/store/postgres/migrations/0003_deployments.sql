-- readable by: 1

-- What is deployed: the files' contents by their hash, each kept once; the deployments, of which the newest is in force,
-- each with its list of files (JSON, path to hash).
CREATE TABLE contents (
    hash text COLLATE "C" PRIMARY KEY,
    body bytea NOT NULL
);

CREATE TABLE deployments (
    number bigint PRIMARY KEY,
    hash text COLLATE "C" NOT NULL,
    at_us bigint NOT NULL,
    by text NOT NULL,
    note text NOT NULL,
    restores bigint,
    manifest bytea NOT NULL
);
