-- +goose Up
ALTER TABLE customer ADD COLUMN aliases TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customer ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customer ADD COLUMN country TEXT NOT NULL DEFAULT 'CN';
ALTER TABLE customer ADD COLUMN paid_in_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN registration_status TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN registration_authority TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN main_products TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN employees BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_contact ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_contact ADD COLUMN left_on TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN authority TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN side TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN closed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_compliance ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Every value that a field of the file ever had, with where it came from. Item is empty for a field of the profile, else
-- the id of the licence, record, account or contact, or the topic of the operations. A row with the value of the one
-- before it is a confirmation. Profiles made without a source get their first rows with their first change.
CREATE TABLE customer_field (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    item        TEXT   NOT NULL DEFAULT '',
    field       TEXT   NOT NULL,
    value       TEXT   NOT NULL,
    source      TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT '',
    set_by      TEXT   NOT NULL,
    set_at      BIGINT NOT NULL
);
CREATE INDEX customer_field_of ON customer_field (customer_id, item, field, set_at, id);

CREATE TABLE customer_licence (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    kind        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    authority   TEXT   NOT NULL,
    scope       TEXT   NOT NULL DEFAULT '',
    issued_on   TEXT   NOT NULL DEFAULT '',
    expires_on  TEXT   NOT NULL DEFAULT '',
    status      TEXT   NOT NULL,
    source      TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT '',
    added_at    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX customer_licence_customer ON customer_licence (customer_id);
CREATE INDEX customer_licence_expiry ON customer_licence (expires_on);

CREATE TABLE customer_bank_account (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    bank        TEXT   NOT NULL,
    branch      TEXT   NOT NULL DEFAULT '',
    holder      TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    source      TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT '',
    added_at    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX customer_bank_account_number ON customer_bank_account (customer_id, number);

-- Operations (经营情况): one answer a topic; earlier ones stand in customer_field.
CREATE TABLE customer_operation (
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    topic       TEXT   NOT NULL,
    answer      TEXT   NOT NULL,
    figures     TEXT   NOT NULL DEFAULT '{}',
    note        TEXT   NOT NULL DEFAULT '',
    source      TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT '',
    answered_by TEXT   NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, topic)
);

CREATE TABLE customer_partner (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    side        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    share       DOUBLE PRECISION NOT NULL,
    source      TEXT   NOT NULL DEFAULT '',
    as_of       TEXT   NOT NULL DEFAULT '',
    evidence    TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX customer_partner_customer ON customer_partner (customer_id, side);

-- +goose Down
DROP TABLE customer_partner;
DROP TABLE customer_operation;
DROP TABLE customer_bank_account;
DROP TABLE customer_licence;
DROP TABLE customer_field;
ALTER TABLE customer_compliance DROP COLUMN version;
ALTER TABLE customer_compliance DROP COLUMN evidence;
ALTER TABLE customer_compliance DROP COLUMN closed_on;
ALTER TABLE customer_compliance DROP COLUMN outcome;
ALTER TABLE customer_compliance DROP COLUMN side;
ALTER TABLE customer_compliance DROP COLUMN authority;
ALTER TABLE customer_compliance DROP COLUMN number;
ALTER TABLE customer_contact DROP COLUMN left_on;
ALTER TABLE customer_contact DROP COLUMN role;
ALTER TABLE customer DROP COLUMN employees;
ALTER TABLE customer DROP COLUMN main_products;
ALTER TABLE customer DROP COLUMN registration_authority;
ALTER TABLE customer DROP COLUMN registration_status;
ALTER TABLE customer DROP COLUMN paid_in_minor;
ALTER TABLE customer DROP COLUMN country;
ALTER TABLE customer DROP COLUMN former_names;
ALTER TABLE customer DROP COLUMN aliases;
