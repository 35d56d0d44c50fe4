-- +goose Up
CREATE TABLE monitor_rule (
    id         TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    source     TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    saved_by   TEXT   NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE monitor_state (
    customer_id TEXT   NOT NULL PRIMARY KEY,
    state       BYTEA  NOT NULL
);

CREATE TABLE monitor_progress (
    id   TEXT   NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL
);

CREATE TABLE event_seen (
    id BIGINT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL
);
CREATE INDEX event_seen_day ON event_seen (day);

CREATE TABLE event_dead (
    id       TEXT   NOT NULL PRIMARY KEY,
    place    TEXT   NOT NULL,
    event    TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    at       BIGINT NOT NULL
);

CREATE TABLE alert (
    id           TEXT   NOT NULL PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    rule_id      TEXT   NOT NULL,
    rule_version BIGINT NOT NULL,
    severity     TEXT   NOT NULL,
    rank         BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    dedup        TEXT   NOT NULL,
    title_zh     TEXT   NOT NULL,
    title_en     TEXT   NOT NULL,
    findings     TEXT   NOT NULL,
    times        BIGINT NOT NULL DEFAULT 1,
    opened_at    BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    assigned_to  TEXT   NOT NULL DEFAULT '',
    assigned_name TEXT  NOT NULL DEFAULT '',
    closed_at    BIGINT NOT NULL DEFAULT 0,
    closed_by    TEXT   NOT NULL DEFAULT '',
    outcome      TEXT   NOT NULL DEFAULT '',
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX alert_dedup ON alert (dedup) WHERE status <> 'closed';
CREATE INDEX alert_open ON alert (status, rank, opened_at);
CREATE INDEX alert_customer ON alert (customer_id, opened_at);

CREATE TABLE alert_note (
    id       TEXT   NOT NULL PRIMARY KEY,
    alert_id TEXT   NOT NULL REFERENCES alert (id),
    author   TEXT   NOT NULL,
    text     TEXT   NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX alert_note_alert ON alert_note (alert_id, at);

-- +goose Down
DROP TABLE alert_note;
DROP TABLE alert;
DROP TABLE event_dead;
DROP TABLE event_seen;
DROP TABLE monitor_progress;
DROP TABLE monitor_state;
DROP TABLE monitor_rule;
