-- readable by: 3

-- Pieces of work for persons. `body` is the task as decided; what becomes of it is in the columns.
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    assignee TEXT NOT NULL,
    dealer TEXT,
    journey TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    due_us INTEGER,
    outcome TEXT NOT NULL DEFAULT '',
    done_at_us INTEGER,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX tasks_status ON tasks (status, assignee, dealer);
CREATE INDEX tasks_of ON tasks (customer_id);

-- The runs of journeys that have a goal: whether they were held out, and when the goal was reached.
CREATE TABLE goals (
    run TEXT PRIMARY KEY,
    journey TEXT NOT NULL,
    held_out INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    reached_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX goals_of ON goals (journey, held_out, reached_us);

-- The event about a place that a fan-out brings to all.
ALTER TABLE fan_outs ADD COLUMN event BLOB;
