-- +goose Up
CREATE TABLE emergency_plan (
    id       TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    status   TEXT   NOT NULL,
    saved_by TEXT   NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE incident (
    id           TEXT   NOT NULL PRIMARY KEY,
    plan_id      TEXT   NOT NULL,
    plan_version BIGINT NOT NULL,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    alert_id     TEXT   NOT NULL DEFAULT '',
    title_zh     TEXT   NOT NULL,
    title_en     TEXT   NOT NULL,
    level        BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    exposure_minor BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    opened_by    TEXT   NOT NULL,
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX incident_open ON incident (customer_id, plan_id) WHERE status <> 'closed';
CREATE INDEX incident_status ON incident (status, level, opened_at);
CREATE INDEX incident_customer ON incident (customer_id, opened_at);

CREATE TABLE incident_task (
    id          TEXT   NOT NULL PRIMARY KEY,
    incident_id TEXT   NOT NULL REFERENCES incident (id),
    position    BIGINT NOT NULL,
    title_zh    TEXT   NOT NULL,
    title_en    TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    done_by     TEXT   NOT NULL DEFAULT '',
    done_at     BIGINT NOT NULL DEFAULT 0,
    note        TEXT   NOT NULL DEFAULT '',
    version     BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX incident_task_incident ON incident_task (incident_id, position);
CREATE INDEX incident_task_due ON incident_task (status, due_at);

CREATE TABLE incident_action (
    id          TEXT   NOT NULL PRIMARY KEY,
    incident_id TEXT   NOT NULL REFERENCES incident (id),
    position    BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    detail      TEXT   NOT NULL DEFAULT '',
    done_by     TEXT   NOT NULL DEFAULT '',
    done_at     BIGINT NOT NULL DEFAULT 0,
    undone_by   TEXT   NOT NULL DEFAULT '',
    undone_at   BIGINT NOT NULL DEFAULT 0,
    version     BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX incident_action_once ON incident_action (incident_id, position);

CREATE TABLE incident_log (
    id          TEXT   NOT NULL PRIMARY KEY,
    incident_id TEXT   NOT NULL REFERENCES incident (id),
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    text        TEXT   NOT NULL
);
CREATE INDEX incident_log_incident ON incident_log (incident_id, at);

-- +goose Down
DROP TABLE incident_log;
DROP TABLE incident_action;
DROP TABLE incident_task;
DROP TABLE incident;
DROP TABLE emergency_plan;
