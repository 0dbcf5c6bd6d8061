-- readable by: 3

-- Fan-outs that a person begins, perhaps for the recipients of a template only; for how long a fan-out was paused.
ALTER TABLE fan_outs ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fan_outs ADD COLUMN only_to TEXT NOT NULL DEFAULT '';
ALTER TABLE fan_outs ADD COLUMN delay_us INTEGER NOT NULL DEFAULT 0;

-- Journeys whose fan-outs stand still and whose messages wait.
CREATE TABLE pauses (
    journey TEXT PRIMARY KEY,
    since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
