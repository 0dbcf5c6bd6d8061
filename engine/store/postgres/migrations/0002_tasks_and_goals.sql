-- readable by: 1

-- Pieces of work for persons. `body` is the task as decided; what becomes of it is in the columns.
CREATE TABLE tasks (
    id text COLLATE "C" PRIMARY KEY,
    part integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    assignee text COLLATE "C" NOT NULL,
    dealer text COLLATE "C",
    journey text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    at_us bigint NOT NULL,
    due_us bigint,
    outcome text NOT NULL DEFAULT '',
    done_at_us bigint,
    format smallint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX tasks_status ON tasks (status, assignee, dealer);
CREATE INDEX tasks_of ON tasks (customer_id);

-- The runs of journeys that have a goal: whether they were held out, and when the goal was reached.
CREATE TABLE goals (
    run text COLLATE "C" PRIMARY KEY,
    part integer NOT NULL,
    journey text COLLATE "C" NOT NULL,
    held_out boolean NOT NULL,
    started_us bigint NOT NULL,
    until_us bigint NOT NULL,
    reached_us bigint
) WITH (fillfactor = 80);

CREATE INDEX goals_of ON goals (journey, held_out, reached_us);

-- Events that journeys have made, and that other systems have not been told of yet; the events themselves are in the
-- log.
CREATE TABLE publications (
    part integer NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    key bytea NOT NULL,
    PRIMARY KEY (part, number)
);

-- The event about a place that a fan-out brings to all.
ALTER TABLE fan_outs ADD COLUMN event bytea;
