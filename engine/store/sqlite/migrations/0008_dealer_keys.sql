-- readable by: 3

-- What dealers show to be let in. `scopes` with blanks between them; `signing` is empty where requests need no signature.
CREATE TABLE dealer_keys (
    id TEXT PRIMARY KEY,
    dealer TEXT NOT NULL,
    digest BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    revoked_us INTEGER,
    used_us INTEGER,
    signing BLOB NOT NULL
) STRICT, WITHOUT ROWID;
