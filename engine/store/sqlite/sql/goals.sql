-- How the goals of journeys are reached.

-- name: add_goal
INSERT INTO goals (run, journey, held_out, started_us, until_us)
VALUES (:run, :journey, :held_out, :started_us, :until_us)
ON CONFLICT (run) DO NOTHING;

-- name: reach_goal
UPDATE goals SET reached_us = min(coalesce(reached_us, :reached_us), :reached_us) WHERE run = :run;

-- name: count_goals
SELECT journey, held_out, count(*), count(reached_us), count(*) FILTER (WHERE reached_us IS NULL AND until_us >= :now_us)
FROM goals
GROUP BY journey, held_out
ORDER BY journey, held_out;
