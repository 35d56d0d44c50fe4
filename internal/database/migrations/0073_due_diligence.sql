-- +goose Up
-- Checks of who the customer is (身份核验). Secret is the amount of a small transfer in minor units, which no view shows
-- before it is confirmed. Target is the account, licence or contact that is checked.
CREATE TABLE customer_verification (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    kind        TEXT   NOT NULL,
    target      TEXT   NOT NULL DEFAULT '',
    state       TEXT   NOT NULL,
    method      TEXT   NOT NULL,
    checked_on  TEXT   NOT NULL,
    expires_on  TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT '',
    note        TEXT   NOT NULL DEFAULT '',
    findings    TEXT   NOT NULL DEFAULT '[]',
    secret      BIGINT NOT NULL DEFAULT 0,
    currency    TEXT   NOT NULL DEFAULT '',
    attempts    BIGINT NOT NULL DEFAULT 0,
    started_by  TEXT   NOT NULL,
    starter_id  TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    decided_by  TEXT   NOT NULL DEFAULT '',
    decided_at  BIGINT NOT NULL DEFAULT 0,
    version     BIGINT NOT NULL
);
CREATE INDEX customer_verification_customer ON customer_verification (customer_id, kind, started_at);

CREATE TABLE customer_diligence (
    customer_id      TEXT   NOT NULL PRIMARY KEY REFERENCES customer (id),
    level            TEXT   NOT NULL DEFAULT '',
    level_reason     TEXT   NOT NULL DEFAULT '',
    level_by         TEXT   NOT NULL DEFAULT '',
    level_at         BIGINT NOT NULL DEFAULT 0,
    proposed         TEXT   NOT NULL DEFAULT '',
    proposed_why     TEXT   NOT NULL DEFAULT '[]',
    proposed_at      BIGINT NOT NULL DEFAULT 0,
    reviewed_on      TEXT   NOT NULL DEFAULT '',
    reviewed_by      TEXT   NOT NULL DEFAULT '',
    review_note      TEXT   NOT NULL DEFAULT '',
    review_due       TEXT   NOT NULL DEFAULT '',
    expires_on       TEXT   NOT NULL DEFAULT '',
    completeness     DOUBLE PRECISION NOT NULL DEFAULT 0,
    requested_minor  BIGINT NOT NULL DEFAULT 0,
    requested_currency TEXT NOT NULL DEFAULT ''
);
CREATE INDEX customer_diligence_due ON customer_diligence (review_due);

-- What a person ticked off on the checklist, with evidence.
CREATE TABLE customer_checklist (
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    item        TEXT   NOT NULL,
    done_on     TEXT   NOT NULL,
    evidence    TEXT   NOT NULL,
    note        TEXT   NOT NULL DEFAULT '',
    done_by     TEXT   NOT NULL,
    done_at     BIGINT NOT NULL,
    PRIMARY KEY (customer_id, item)
);

-- Versions of the due-diligence standard that replaced the library's; the highest is in force.
CREATE TABLE diligence_standard (
    version    BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE diligence_standard;
DROP TABLE customer_checklist;
DROP TABLE customer_diligence;
DROP TABLE customer_verification;
