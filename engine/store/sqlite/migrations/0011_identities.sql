-- readable by: 3

-- Pairs of customers whose identifiers contradict each other, for a person to settle; `one` and `other` are their ids.
CREATE TABLE disputes (
    id TEXT PRIMARY KEY,
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    status TEXT NOT NULL,
    dealer TEXT,
    first_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    count INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX disputes_one ON disputes (one);
CREATE INDEX disputes_other ON disputes (other);
CREATE INDEX disputes_status ON disputes (status, first_us, id);

-- All by which a customer is known, for when two are one.
CREATE INDEX owners_of ON owners (customer_id);
