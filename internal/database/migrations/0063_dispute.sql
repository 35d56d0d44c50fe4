-- +goose Up
-- A dispute is told with its reason, and since when: it suspends holds and alerts for a time, not for ever.
ALTER TABLE invoice ADD COLUMN disputed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN dispute_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN disputed_by TEXT NOT NULL DEFAULT '';
UPDATE invoice SET disputed_on = due_on WHERE disputed = TRUE;

-- +goose Down
ALTER TABLE invoice DROP COLUMN disputed_by;
ALTER TABLE invoice DROP COLUMN dispute_reason;
ALTER TABLE invoice DROP COLUMN disputed_on;
