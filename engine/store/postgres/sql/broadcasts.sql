-- What goes through all customers, and what people do to it, for all partitions at once. A fan-out without a journey
-- brings customers under others. Of one that was stopped before its end a fact of each partition tells when.

-- name: open_fan_outs
SELECT
    id, journey, at_us, cursor, begun, done, event, by_hand, only_to, delay_us,
    EXISTS (SELECT FROM pauses AS p WHERE p.journey = fan_outs.journey), NULL::text
FROM fan_outs
WHERE part = %(part)s AND NOT done
ORDER BY at_us, id;

-- Of each, as far as the customer's partition has come; or the one process that worked alone.
-- name: fan_outs_to
SELECT b.*, EXISTS (SELECT FROM pauses AS p WHERE p.journey = b.journey), s.value FROM (
    SELECT DISTINCT ON (id)
        id, journey, at_us, cursor, begun, done, event, by_hand, only_to, delay_us
    FROM fan_outs
    WHERE (event IS NOT NULL OR by_hand) AND part IN (-1, (SELECT part FROM customers WHERE id = %(customer)s))
    ORDER BY id, part DESC
) AS b
LEFT JOIN LATERAL (
    SELECT min(value) AS value FROM facts
    WHERE name = 'stopped:' || b.id AND part IN (-1, (SELECT part FROM customers WHERE id = %(customer)s))
) AS s ON true
ORDER BY b.at_us, b.id;

-- name: courses_of
SELECT
    f.id, f.journey, min(f.at_us), min(f.cursor), sum(f.begun)::bigint, bool_and(f.done), NULL::bytea,
    bool_or(f.by_hand), min(f.only_to), max(f.delay_us),
    EXISTS (SELECT FROM pauses AS p WHERE p.journey = f.journey), min(s.value),
    string_agg(CASE WHEN f.done AND s.value IS NULL THEN 'whole' ELSE f.cursor END, ',')
FROM fan_outs AS f LEFT JOIN facts AS s ON s.part = f.part AND s.name = 'stopped:' || f.id
WHERE f.journey = %(journey)s AND f.event IS NULL
GROUP BY f.id, f.journey
ORDER BY min(f.at_us) DESC, f.id;

-- One that is done stays so.
-- name: put_fan_out
INSERT INTO fan_outs (part, id, journey, at_us, cursor, begun, done, event, by_hand, only_to)
VALUES (
    %(part)s, %(id)s, %(journey)s, %(at_us)s, %(cursor)s, %(begun)s, %(done)s, %(event)s, %(by_hand)s, %(only_to)s
)
ON CONFLICT (part, id) DO UPDATE
SET cursor = excluded.cursor, begun = excluded.begun, done = fan_outs.done OR excluded.done;

-- name: fan_out_everywhere
INSERT INTO fan_outs (part, id, journey, at_us, cursor, begun, done, event, by_hand, only_to)
SELECT
    part, %(id)s, %(journey)s, %(at_us)s, %(cursor)s, %(begun)s, %(done)s, %(event)s, %(by_hand)s, %(only_to)s
FROM partitions
WHERE part >= 0
ON CONFLICT (part, id) DO NOTHING;

-- For the one process that works alone.
-- name: begin_broadcast_alone
INSERT INTO fan_outs (part, id, journey, at_us, cursor, begun, done, event, by_hand, only_to)
VALUES (-1, %(id)s, %(journey)s, %(at_us)s, %(cursor)s, %(begun)s, %(done)s, %(event)s, %(by_hand)s, %(only_to)s)
ON CONFLICT (part, id) DO NOTHING;

-- name: recipients
SELECT DISTINCT customer_id FROM messages
WHERE customer_id = ANY(%(ids)b) AND status IN ('claimed', 'sent', 'delivered', 'bounced', 'unknown')
    AND convert_from(body, 'UTF8')::json ->> 'template' = %(template)s;

-- name: pauses
SELECT journey, since_us FROM pauses ORDER BY journey;

-- name: pause
INSERT INTO pauses (journey, since_us) VALUES (%(journey)s, %(at_us)s) ON CONFLICT (journey) DO NOTHING;

-- What has passed since the pause, or since the fan-out began in it.
-- name: delay
UPDATE fan_outs AS f
SET delay_us = f.delay_us + greatest(0, %(at_us)s - greatest(f.at_us, p.since_us))
FROM pauses AS p
WHERE f.journey = %(journey)s AND p.journey = f.journey AND NOT f.done;

-- name: resume
DELETE FROM pauses WHERE journey = %(journey)s;

-- Of those who ask for it at once, one after the other goes on.
-- name: lock_broadcast
SELECT pg_advisory_xact_lock(hashtextextended('broadcast ' || %(journey)s, 0));

-- The earliest that is not done, or the one that the earliest of the messages belongs to that wait.
-- name: under_way
WITH began AS MATERIALIZED (SELECT at_us, done FROM fan_outs WHERE journey = %(journey)s AND event IS NULL)
SELECT min(at_us) FROM (
    SELECT min(at_us) AS at_us FROM began WHERE NOT done
    UNION ALL
    SELECT max(at_us) FROM began WHERE at_us <= (
        SELECT min(at_us) FROM messages
        WHERE journey = %(journey)s AND status IN ('queued', 'held', 'claimed')
    )
) AS u;

-- name: stop_fan_outs
WITH stopped AS (
    UPDATE fan_outs SET done = true WHERE journey = %(journey)s AND event IS NULL AND NOT done
    RETURNING part, id
)
INSERT INTO facts (part, name, value)
SELECT part, 'stopped:' || id, %(stopped)s FROM stopped
ON CONFLICT (part, name) DO NOTHING;

-- name: stop_messages
WITH stopped AS (
    UPDATE messages AS m
    SET status = 'skipped', reason = 'stopped', ready_us = NULL, held_until_us = NULL
    WHERE m.journey = %(journey)s AND m.at_us >= %(since_us)s AND (m.status IN ('queued', 'held')) IS TRUE
    RETURNING m.part, m.id, m.status, m.reason, m.attempts, m.note
), noted AS (
    INSERT INTO announcements (part, message_id, status, reason, attempts, note, at_us)
    SELECT part, id, status, reason, attempts, note, %(at_us)s FROM stopped WHERE status = ANY(%(announced)b)
)
SELECT count(*) FROM stopped;

-- name: tally
SELECT coalesce(channel, ''), status, reason, count(*) FROM messages
WHERE journey = %(journey)s AND at_us >= %(since_us)s
GROUP BY channel, status, reason;
