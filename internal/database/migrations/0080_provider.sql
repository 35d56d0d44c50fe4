-- +goose Up
CREATE TABLE provider_config (
    id            TEXT    NOT NULL PRIMARY KEY,
    mapping       TEXT    NOT NULL,
    enabled       BOOLEAN NOT NULL,
    allowed_hosts TEXT    NOT NULL,
    auto_fields   TEXT    NOT NULL,
    updated_by    TEXT    NOT NULL,
    updated_at    BIGINT  NOT NULL,
    version       BIGINT  NOT NULL
);

-- A refresh of many customers: the cursor says how far its jobs were made. Actor, scope and team are those of who asked.
CREATE TABLE provider_batch (
    id          TEXT   NOT NULL PRIMARY KEY,
    provider    TEXT   NOT NULL,
    query       TEXT   NOT NULL,
    position    TEXT   NOT NULL DEFAULT '',
    jobs        BIGINT NOT NULL DEFAULT 0,
    status      TEXT   NOT NULL,
    actor_id    TEXT   NOT NULL,
    actor_name  TEXT   NOT NULL,
    scope       TEXT   NOT NULL,
    team_id     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX provider_batch_created ON provider_batch (created_at, id);

CREATE TABLE provider_job (
    id          TEXT   NOT NULL PRIMARY KEY,
    provider    TEXT   NOT NULL,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    batch_id    TEXT   NOT NULL DEFAULT '',
    status      TEXT   NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    next_at     BIGINT NOT NULL,
    outcome     TEXT   NOT NULL DEFAULT '',
    detail      TEXT   NOT NULL DEFAULT '',
    found       BIGINT NOT NULL DEFAULT 0,
    asked_by    TEXT   NOT NULL,
    asked_at    BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX provider_job_open ON provider_job (provider, customer_id) WHERE status IN ('waiting', 'running');
CREATE INDEX provider_job_due ON provider_job (next_at, id) WHERE status IN ('waiting', 'running');
CREATE INDEX provider_job_customer ON provider_job (customer_id, asked_at);
CREATE INDEX provider_job_batch ON provider_job (batch_id, status);

-- What was asked and paid for. Written before the call goes out, so that a quota is kept also through a crash.
CREATE TABLE provider_call (
    id          TEXT   NOT NULL PRIMARY KEY,
    provider    TEXT   NOT NULL,
    customer_id TEXT   NOT NULL DEFAULT '',
    job_id      TEXT   NOT NULL DEFAULT '',
    at          BIGINT NOT NULL,
    day         TEXT   NOT NULL,
    calls       BIGINT NOT NULL,
    billed      BIGINT NOT NULL DEFAULT 0,
    cost_minor  BIGINT NOT NULL DEFAULT 0,
    outcome     TEXT   NOT NULL,
    detail      TEXT   NOT NULL DEFAULT '',
    status      BIGINT NOT NULL DEFAULT 0,
    took        BIGINT NOT NULL DEFAULT 0,
    sha256      TEXT   NOT NULL DEFAULT '',
    bytes       BIGINT NOT NULL DEFAULT 0,
    asked_by    TEXT   NOT NULL
);
CREATE INDEX provider_call_day ON provider_call (provider, day);
CREATE INDEX provider_call_at ON provider_call (at, id);
CREATE INDEX provider_call_customer ON provider_call (customer_id, at);

CREATE TABLE provider_difference (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    provider    TEXT   NOT NULL,
    slot        TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    before_text TEXT   NOT NULL DEFAULT '',
    after_text  TEXT   NOT NULL DEFAULT '',
    record      TEXT   NOT NULL DEFAULT '',
    target_id   TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    source      TEXT   NOT NULL,
    evidence    TEXT   NOT NULL DEFAULT '',
    status      TEXT   NOT NULL,
    reason      TEXT   NOT NULL DEFAULT '',
    decided_by  TEXT   NOT NULL DEFAULT '',
    decided_at  BIGINT NOT NULL DEFAULT 0,
    found_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX provider_difference_pending ON provider_difference (customer_id, provider, slot) WHERE status = 'pending';
CREATE INDEX provider_difference_customer ON provider_difference (customer_id, status);
CREATE INDEX provider_difference_found ON provider_difference (status, found_at, id);

-- Files of partners, each processed once by its content.
CREATE TABLE provider_file (
    provider  TEXT   NOT NULL,
    sha256    TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    bytes     BIGINT NOT NULL,
    items     BIGINT NOT NULL,
    matched   BIGINT NOT NULL,
    unmatched TEXT   NOT NULL DEFAULT '',
    detail    TEXT   NOT NULL DEFAULT '',
    at        BIGINT NOT NULL,
    PRIMARY KEY (provider, sha256)
);

-- +goose Down
DROP TABLE provider_file;
DROP TABLE provider_difference;
DROP TABLE provider_call;
DROP TABLE provider_job;
DROP TABLE provider_batch;
DROP TABLE provider_config;
