-- For messages that wait while their channel cannot be used, and for those that are queued again by a person: when
-- it is too late for each, as a column, and the note that it had before.

ALTER TABLE messages ADD COLUMN not_after_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN former_note TEXT NOT NULL DEFAULT '';

-- `YYYY-MM-DDTHH:MM:SS`, perhaps `.` and six digits, then the zone. The digits are reckoned apart, as SQLite keeps
-- milliseconds only.
UPDATE messages SET not_after_us = (
    SELECT CASE substr(told, 20, 1)
        WHEN '.' THEN strftime('%s', substr(told, 1, 19) || substr(told, 27)) * 1000000 + substr(told, 21, 6)
        ELSE strftime('%s', told) * 1000000
    END
    FROM (SELECT json_extract(CAST(body AS TEXT), '$.not_after') AS told)
);

-- With the lanes, so that those which wait are passed over without reading their rows.
DROP INDEX messages_ready;
CREATE INDEX messages_ready ON messages (ready_us, id, channel, brand, not_after_us) WHERE ready_us IS NOT NULL;
