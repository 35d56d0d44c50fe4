-- +goose Up
CREATE TABLE idempotency (
    actor_id     TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    operation    TEXT   NOT NULL,
    request_hash TEXT   NOT NULL,
    response     TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE outbox (
    id           TEXT    NOT NULL PRIMARY KEY,
    topic        TEXT    NOT NULL,
    subscriber   TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    cause        TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    attempts     BIGINT  NOT NULL DEFAULT 0,
    next_at      BIGINT  NOT NULL,
    parked       BOOLEAN NOT NULL DEFAULT FALSE,
    last_error   TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (parked, next_at, id);

CREATE TABLE audit_entry (
    id         TEXT   NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor_id   TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    operation  TEXT   NOT NULL,
    door       TEXT   NOT NULL,
    request_id TEXT   NOT NULL,
    cause      TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    changes    TEXT   NOT NULL,
    seq        BIGINT,
    prev       TEXT   NOT NULL DEFAULT '',
    hash       TEXT   NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX audit_entry_seq ON audit_entry (seq);
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);
CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE seq IS NULL;


CREATE TABLE audit_head (
    id   TEXT   NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES ('head', 0, '');

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit_entry;
DROP TABLE outbox;
DROP TABLE idempotency;
