-- How the goals of journeys are reached.

-- name: add_goals
INSERT INTO goals (run, part, journey, held_out, started_us, until_us)
SELECT run, part, journey, held_out, started_us, until_us
FROM unnest(%(run)b, %(part)b, %(journey)b, %(held_out)b, %(started_us)b, %(until_us)b)
    AS g (run, part, journey, held_out, started_us, until_us)
ON CONFLICT (run) DO NOTHING;

-- name: reach_goals
UPDATE goals AS g SET reached_us = least(g.reached_us, r.reached_us)
FROM (
    SELECT run, min(reached_us) AS reached_us FROM unnest(%(run)b, %(reached_us)b) AS u (run, reached_us) GROUP BY run
) AS r
WHERE g.run = r.run;

-- name: count_goals
SELECT journey, held_out, count(*), count(reached_us),
    count(*) FILTER (WHERE reached_us IS NULL AND until_us >= %(now_us)s)
FROM goals
WHERE part = ANY(%(parts)b)
GROUP BY journey, held_out
ORDER BY journey, held_out;
