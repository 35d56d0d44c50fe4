-- +goose Up
CREATE TABLE customer (
    id                TEXT   NOT NULL PRIMARY KEY,
    name              TEXT   NOT NULL,
    name_en           TEXT   NOT NULL DEFAULT '',
    short_name        TEXT   NOT NULL DEFAULT '',
    name_key          TEXT   NOT NULL,
    uscc              TEXT   NOT NULL DEFAULT '',
    lei               TEXT   NOT NULL DEFAULT '',
    external_ref      TEXT   NOT NULL DEFAULT '',
    industry          TEXT   NOT NULL DEFAULT '',
    region            TEXT   NOT NULL DEFAULT '',
    registered_address TEXT  NOT NULL DEFAULT '',
    operating_address TEXT   NOT NULL DEFAULT '',
    main_business     TEXT   NOT NULL DEFAULT '',
    legal_representative TEXT NOT NULL DEFAULT '',
    capital_minor     BIGINT NOT NULL DEFAULT 0,
    currency          TEXT   NOT NULL,
    founded           TEXT   NOT NULL DEFAULT '',
    size              TEXT   NOT NULL DEFAULT '',
    terms_days        BIGINT NOT NULL DEFAULT 30,
    status            TEXT   NOT NULL,
    owner_id          TEXT   NOT NULL DEFAULT '',
    team_id           TEXT   NOT NULL DEFAULT '',
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    version           BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX customer_uscc ON customer (uscc) WHERE uscc <> '';
CREATE UNIQUE INDEX customer_external_ref ON customer (external_ref) WHERE external_ref <> '';
CREATE INDEX customer_name ON customer (name, id);
CREATE INDEX customer_name_key ON customer (name_key);
CREATE INDEX customer_owner ON customer (owner_id, id);
CREATE INDEX customer_team ON customer (team_id, id);
CREATE INDEX customer_created ON customer (created_at, id);

CREATE TABLE customer_contact (
    id          TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    name        TEXT NOT NULL,
    title       TEXT NOT NULL DEFAULT '',
    phone       TEXT NOT NULL DEFAULT '',
    email       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX customer_contact_customer ON customer_contact (customer_id);

CREATE TABLE customer_shareholder (
    id          TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    party_id    TEXT NOT NULL DEFAULT '',
    share       DOUBLE PRECISION NOT NULL,
    as_of       TEXT NOT NULL DEFAULT '',
    source      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX customer_shareholder_customer ON customer_shareholder (customer_id);
CREATE INDEX customer_shareholder_party ON customer_shareholder (party_id);

CREATE TABLE customer_document (
    id           TEXT   NOT NULL PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    bytes        BIGINT NOT NULL,
    sha256       TEXT   NOT NULL,
    expires      TEXT   NOT NULL DEFAULT '',
    added_by     TEXT   NOT NULL,
    added_at     BIGINT NOT NULL
);
CREATE INDEX customer_document_customer ON customer_document (customer_id, added_at);

CREATE TABLE customer_compliance (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    kind        TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    happened    TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL DEFAULT 0,
    currency    TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    added_at    BIGINT NOT NULL
);
CREATE INDEX customer_compliance_customer ON customer_compliance (customer_id, happened);

-- +goose Down
DROP TABLE customer_compliance;
DROP TABLE customer_document;
DROP TABLE customer_shareholder;
DROP TABLE customer_contact;
DROP TABLE customer;
