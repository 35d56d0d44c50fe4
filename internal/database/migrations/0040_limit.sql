-- +goose Up
CREATE TABLE credit_limit (
    id             TEXT   NOT NULL PRIMARY KEY,
    customer_id    TEXT   NOT NULL REFERENCES customer (id),
    amount_minor   BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    valid_from     TEXT   NOT NULL,
    valid_until    TEXT   NOT NULL,
    assessment_id  TEXT   NOT NULL DEFAULT '',
    recommended_minor BIGINT NOT NULL DEFAULT 0,
    reason         TEXT   NOT NULL DEFAULT '',
    applied_by     TEXT   NOT NULL,
    applied_at     BIGINT NOT NULL,
    decided_at     BIGINT NOT NULL DEFAULT 0,
    version        BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX credit_limit_active ON credit_limit (customer_id, currency) WHERE status = 'active';
CREATE UNIQUE INDEX credit_limit_requested ON credit_limit (customer_id, currency) WHERE status = 'requested';
CREATE INDEX credit_limit_customer ON credit_limit (customer_id, applied_at);
CREATE INDEX credit_limit_expiry ON credit_limit (status, valid_until);

CREATE TABLE limit_freeze (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    cause       TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    frozen_by   TEXT   NOT NULL,
    frozen_at   BIGINT NOT NULL,
    lifted_by   TEXT   NOT NULL DEFAULT '',
    lift_reason TEXT   NOT NULL DEFAULT '',
    lifted_at   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX limit_freeze_cause ON limit_freeze (customer_id, cause) WHERE lifted_at = 0;
CREATE INDEX limit_freeze_customer ON limit_freeze (customer_id, frozen_at);

CREATE TABLE order_check (
    id             TEXT   NOT NULL PRIMARY KEY,
    order_id       TEXT   NOT NULL REFERENCES sales_order (id),
    customer_id    TEXT   NOT NULL REFERENCES customer (id),
    decision       TEXT   NOT NULL,
    reasons        TEXT   NOT NULL,
    limit_minor    BIGINT NOT NULL,
    exposure_minor BIGINT NOT NULL,
    amount_minor   BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    step           TEXT   NOT NULL,
    actor_id       TEXT   NOT NULL,
    actor_name     TEXT   NOT NULL,
    note           TEXT   NOT NULL DEFAULT '',
    at             BIGINT NOT NULL
);
CREATE INDEX order_check_order ON order_check (order_id, at);
CREATE INDEX order_check_customer ON order_check (customer_id, at);

-- +goose Down
DROP TABLE order_check;
DROP TABLE limit_freeze;
DROP TABLE credit_limit;
