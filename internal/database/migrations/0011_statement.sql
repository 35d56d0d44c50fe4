-- +goose Up
CREATE TABLE customer_statement (
    id           TEXT   NOT NULL PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    period       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    consolidated BIGINT NOT NULL,
    audited      BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    unit         BIGINT NOT NULL,
    figures      TEXT   NOT NULL,
    breaks       TEXT   NOT NULL,
    hard_breaks  BIGINT NOT NULL,
    source       TEXT   NOT NULL,
    reason       TEXT   NOT NULL DEFAULT '',
    entered_by   TEXT   NOT NULL,
    entered_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    latest       BIGINT NOT NULL
);
CREATE UNIQUE INDEX customer_statement_version ON customer_statement (customer_id, period, consolidated, version);
CREATE INDEX customer_statement_latest ON customer_statement (customer_id, latest, period);

-- +goose Down
DROP TABLE customer_statement;
