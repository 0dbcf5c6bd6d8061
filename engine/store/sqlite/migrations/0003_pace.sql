-- How many runs a fan-out has begun, which its journey's pace limits.

ALTER TABLE fan_outs ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
