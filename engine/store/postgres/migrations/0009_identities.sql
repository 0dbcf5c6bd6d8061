-- readable by: 1

-- Pairs of customers whose identifiers contradict each other, for a person to settle; `one` and `other` are their ids.
CREATE TABLE disputes (
    id text COLLATE "C" PRIMARY KEY,
    one text COLLATE "C" NOT NULL,
    other text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    dealer text COLLATE "C",
    first_us bigint NOT NULL,
    last_us bigint NOT NULL,
    count bigint NOT NULL,
    body bytea NOT NULL
);

CREATE INDEX disputes_one ON disputes (one);
CREATE INDEX disputes_other ON disputes (other);
CREATE INDEX disputes_status ON disputes (status, first_us, id);

-- All by which a customer is known, for when two are one.
CREATE INDEX owners_of ON owners (customer_id);
