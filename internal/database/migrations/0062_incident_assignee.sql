-- +goose Up
ALTER TABLE incident_task ADD COLUMN assignee_id TEXT NOT NULL DEFAULT '';
ALTER TABLE incident_task ADD COLUMN assignee_name TEXT NOT NULL DEFAULT '';
CREATE INDEX incident_task_assignee ON incident_task (assignee_id, status, due_at);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id);
CREATE INDEX audit_entry_operation ON audit_entry (operation, id);

-- +goose Down
DROP INDEX audit_entry_operation;
DROP INDEX audit_entry_actor;
DROP INDEX incident_task_assignee;
ALTER TABLE incident_task DROP COLUMN assignee_name;
ALTER TABLE incident_task DROP COLUMN assignee_id;
