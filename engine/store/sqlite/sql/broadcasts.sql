-- What goes through all customers, and what people do to it. A fan-out without a journey brings customers under others.
-- Of one that was stopped before its end a fact tells when.

-- name: open_fan_outs
SELECT
    id, journey, at_us, cursor, begun, done, event, by_hand, only_to, delay_us,
    journey IN (SELECT journey FROM pauses), NULL
FROM fan_outs
WHERE NOT done
ORDER BY at_us, id;

-- There is one partition, which has every customer.
-- name: fan_outs_to
SELECT
    f.id, f.journey, f.at_us, f.cursor, f.begun, f.done, f.event, f.by_hand, f.only_to, f.delay_us,
    f.journey IN (SELECT journey FROM pauses), s.value
FROM fan_outs AS f LEFT JOIN facts AS s ON s.name = 'stopped:' || f.id
WHERE f.event IS NOT NULL OR f.by_hand
ORDER BY f.at_us, f.id;

-- name: courses_of
SELECT
    f.id, f.journey, f.at_us, f.cursor, f.begun, f.done, f.event, f.by_hand, f.only_to, f.delay_us,
    f.journey IN (SELECT journey FROM pauses), s.value,
    CASE WHEN f.done AND s.value IS NULL THEN 'whole' ELSE f.cursor END
FROM fan_outs AS f LEFT JOIN facts AS s ON s.name = 'stopped:' || f.id
WHERE f.journey = :journey AND f.event IS NULL
ORDER BY f.at_us DESC, f.id;

-- One that is done stays so.
-- name: put_fan_out
INSERT INTO fan_outs (id, journey, at_us, cursor, begun, done, event, by_hand, only_to)
VALUES (:id, :journey, :at_us, :cursor, :begun, :done, :event, :by_hand, :only_to)
ON CONFLICT (id) DO UPDATE
SET cursor = excluded.cursor, begun = excluded.begun, done = max(fan_outs.done, excluded.done);

-- name: begin_broadcast
INSERT INTO fan_outs (id, journey, at_us, cursor, begun, done, event, by_hand, only_to)
VALUES (:id, :journey, :at_us, :cursor, :begun, :done, :event, :by_hand, :only_to)
ON CONFLICT (id) DO NOTHING;

-- name: recipients
SELECT DISTINCT customer_id FROM messages
WHERE customer_id IN (SELECT value FROM json_each(:ids)) AND +status IN ('claimed', 'sent', 'delivered', 'bounced', 'unknown')
    AND json_extract(CAST(body AS TEXT), '$.template') = :template;

-- name: pauses
SELECT journey, since_us FROM pauses ORDER BY journey;

-- name: pause
INSERT INTO pauses (journey, since_us) VALUES (:journey, :at_us) ON CONFLICT (journey) DO NOTHING;

-- What has passed since the pause, or since the fan-out began in it.
-- name: delay
UPDATE fan_outs
SET delay_us = delay_us + max(0, :at_us - max(at_us, (SELECT since_us FROM pauses WHERE journey = :journey)))
WHERE journey = :journey AND NOT done AND :journey IN (SELECT journey FROM pauses);

-- name: resume
DELETE FROM pauses WHERE journey = :journey;

-- The earliest that is not done, or the one that the earliest of the messages belongs to that wait.
-- name: under_way
WITH began AS (SELECT at_us, done FROM fan_outs WHERE journey = :journey AND event IS NULL)
SELECT min(at_us) FROM (
    SELECT min(at_us) AS at_us FROM began WHERE NOT done
    UNION ALL
    SELECT max(at_us) FROM began WHERE at_us <= (
        SELECT min(at_us) FROM messages WHERE journey = :journey AND status IN ('queued', 'held', 'claimed')
    )
);

-- name: note_stopped
INSERT INTO facts (name, value)
SELECT 'stopped:' || id, :stopped FROM fan_outs WHERE journey = :journey AND event IS NULL AND NOT done
ON CONFLICT (name) DO NOTHING;

-- name: stop_fan_outs
UPDATE fan_outs SET done = 1 WHERE journey = :journey AND event IS NULL AND NOT done;

-- name: stop_messages
UPDATE messages
SET status = 'skipped', reason = 'stopped', ready_us = NULL, held_until_us = NULL
WHERE journey = :journey AND at_us >= :since_us AND status IN ('queued', 'held');

-- name: tally
SELECT coalesce(channel, ''), status, reason, count(*) FROM messages
WHERE journey = :journey AND at_us >= :since_us
GROUP BY channel, status, reason;
