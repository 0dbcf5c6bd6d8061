-- readable by: 1

-- Fan-outs that a person begins, perhaps for the recipients of a template only; for how long a fan-out was paused.
ALTER TABLE fan_outs ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
ALTER TABLE fan_outs ADD COLUMN only_to text NOT NULL DEFAULT '';
ALTER TABLE fan_outs ADD COLUMN delay_us bigint NOT NULL DEFAULT 0;

-- Journeys whose fan-outs stand still and whose messages wait.
CREATE TABLE pauses (
    journey text COLLATE "C" PRIMARY KEY,
    since_us bigint NOT NULL
);
