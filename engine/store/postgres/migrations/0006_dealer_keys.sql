-- readable by: 1

-- What dealers show to be let in. `scopes` with blanks between them; `signing` is empty where requests need no signature.
CREATE TABLE dealer_keys (
    id text COLLATE "C" PRIMARY KEY,
    dealer text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    scopes text NOT NULL,
    created_us bigint NOT NULL,
    expires_us bigint NOT NULL,
    revoked_us bigint,
    used_us bigint,
    signing bytea NOT NULL
);
