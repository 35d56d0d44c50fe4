-- +goose Up
-- A document has versions: those of one series, the newest is current. Documents from before this migration are the first
-- version of a series of their own, and were never scanned.
ALTER TABLE customer_document ADD COLUMN series_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_document ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE customer_document ADD COLUMN is_current BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE customer_document ADD COLUMN cautions TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_document ADD COLUMN scan TEXT NOT NULL DEFAULT 'off';
ALTER TABLE customer_document ADD COLUMN threat TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_document ADD COLUMN scanned_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_document ADD COLUMN added_by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_document ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_document ADD COLUMN deleted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_document ADD COLUMN delete_reason TEXT NOT NULL DEFAULT '';
UPDATE customer_document SET series_id = id;
CREATE UNIQUE INDEX customer_document_version ON customer_document (series_id, version);
CREATE INDEX customer_document_expires ON customer_document (expires, id) WHERE expires <> '' AND is_current = TRUE AND deleted_at = 0;
CREATE INDEX customer_document_unscanned ON customer_document (sha256) WHERE scan = 'unscanned';

-- What was received and not yet filed: the facts of the content, found by the program and not told by the client.
CREATE TABLE document_upload (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    cautions     TEXT   NOT NULL,
    bytes        BIGINT NOT NULL,
    sha256       TEXT   NOT NULL,
    scan         TEXT   NOT NULL,
    threat       TEXT   NOT NULL DEFAULT '',
    scanned_at   BIGINT NOT NULL DEFAULT 0,
    by_id        TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    used_at      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX document_upload_at ON document_upload (at);

CREATE TABLE document_rule (
    kind       TEXT    NOT NULL PRIMARY KEY,
    most_bytes BIGINT  NOT NULL,
    archives   BOOLEAN NOT NULL,
    macros     BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL
);

-- +goose Down
DROP TABLE document_rule;
DROP TABLE document_upload;
DROP INDEX customer_document_unscanned;
DROP INDEX customer_document_expires;
DROP INDEX customer_document_version;
ALTER TABLE customer_document DROP COLUMN delete_reason;
ALTER TABLE customer_document DROP COLUMN deleted_by;
ALTER TABLE customer_document DROP COLUMN deleted_at;
ALTER TABLE customer_document DROP COLUMN added_by_id;
ALTER TABLE customer_document DROP COLUMN scanned_at;
ALTER TABLE customer_document DROP COLUMN threat;
ALTER TABLE customer_document DROP COLUMN scan;
ALTER TABLE customer_document DROP COLUMN cautions;
ALTER TABLE customer_document DROP COLUMN is_current;
ALTER TABLE customer_document DROP COLUMN version;
ALTER TABLE customer_document DROP COLUMN series_id;
