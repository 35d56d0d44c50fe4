-- +goose Up
-- A sequence means something in the log that it was counted in only.
ALTER TABLE monitor_progress ADD COLUMN log TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE monitor_progress DROP COLUMN log;
