-- +goose Up
CREATE TABLE approval_authority (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    upto_minor   BIGINT NOT NULL,
    steps        TEXT   NOT NULL
);
CREATE UNIQUE INDEX approval_authority_row ON approval_authority (kind, currency, upto_minor);

CREATE TABLE approval_request (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    customer_id  TEXT   NOT NULL DEFAULT '',
    title        TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    steps        TEXT   NOT NULL,
    step         BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    asked_by     TEXT   NOT NULL,
    asked_name   TEXT   NOT NULL,
    asked_at     BIGINT NOT NULL,
    closed_at    BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX approval_request_open ON approval_request (status, asked_at);
CREATE INDEX approval_request_reference ON approval_request (kind, reference);
CREATE INDEX approval_request_customer ON approval_request (customer_id, asked_at);

CREATE TABLE approval_vote (
    request_id TEXT   NOT NULL REFERENCES approval_request (id),
    step       BIGINT NOT NULL,
    user_id    TEXT   NOT NULL,
    user_name  TEXT   NOT NULL,
    verdict    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, user_id)
);

-- The starting authority matrix; an administrator changes it under settings. '*' serves every other currency.
INSERT INTO approval_authority (id, kind, currency, upto_minor, steps) VALUES
    ('limit-cny-1', 'limit', 'CNY', 50000000, '[{"role":"credit_manager","votes":1}]'),
    ('limit-cny-2', 'limit', 'CNY', 500000000, '[{"role":"credit_manager","votes":1},{"role":"committee","votes":1}]'),
    ('limit-cny-3', 'limit', 'CNY', 9223372036854775807, '[{"role":"credit_manager","votes":1},{"role":"committee","votes":2}]'),
    ('limit-any', 'limit', '*', 9223372036854775807, '[{"role":"credit_manager","votes":1},{"role":"committee","votes":1}]');

-- +goose Down
DROP TABLE approval_vote;
DROP TABLE approval_request;
DROP TABLE approval_authority;
