-- +goose Up
-- A person or company that is no customer: one row however many customers it has to do with. A node of the ownership graph
-- is a customer's id or a party's. A party that turned out to be another one, or became a customer, points there.
CREATE TABLE party (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    name_key     TEXT   NOT NULL,
    id_number    TEXT   NOT NULL DEFAULT '',
    merged_into  TEXT   NOT NULL DEFAULT '',
    merge_reason TEXT   NOT NULL DEFAULT '',
    merged_by    TEXT   NOT NULL DEFAULT '',
    merged_at    BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX party_number ON party (kind, id_number) WHERE id_number <> '';
CREATE INDEX party_name ON party (name_key, kind);
CREATE INDEX party_merged ON party (merged_into) WHERE merged_into <> '';

-- Shares of customers stand in customer_shareholder; shares of other companies, votes, control, offices and guarantees here.
CREATE TABLE party_relation (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    from_id      TEXT   NOT NULL,
    to_id        TEXT   NOT NULL,
    share        DOUBLE PRECISION NOT NULL DEFAULT 0,
    role         TEXT   NOT NULL DEFAULT '',
    amount_minor BIGINT NOT NULL DEFAULT 0,
    currency     TEXT   NOT NULL DEFAULT '',
    valid_until  TEXT   NOT NULL DEFAULT '',
    as_of        TEXT   NOT NULL DEFAULT '',
    source       TEXT   NOT NULL DEFAULT '',
    added_by     TEXT   NOT NULL,
    added_at     BIGINT NOT NULL
);
CREATE INDEX party_relation_from ON party_relation (from_id);
CREATE INDEX party_relation_to ON party_relation (to_id);

ALTER TABLE customer_shareholder ADD COLUMN holder_id TEXT NOT NULL DEFAULT '';
CREATE INDEX customer_shareholder_holder ON customer_shareholder (holder_id);

-- Shareholders so far: customers by their id or exact name, everybody else a party by exact name and kind.
UPDATE customer_shareholder SET holder_id = party_id WHERE party_id <> '';
UPDATE customer_shareholder SET holder_id = COALESCE((SELECT MIN(c.id) FROM customer c WHERE c.name = customer_shareholder.name AND c.id <> customer_shareholder.customer_id), '')
    WHERE holder_id = '' AND kind = 'company';
INSERT INTO party (id, kind, name, name_key, created_at)
    SELECT 'party-' || MIN(id), kind, name,
        LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(name, ' ', ''), '（', ''), '）', ''), '(', ''), ')', ''), '·', ''), '.', ''), ',', ''), '-', '')), 0
    FROM customer_shareholder WHERE holder_id = '' GROUP BY kind, name;
UPDATE customer_shareholder SET holder_id = COALESCE((SELECT p.id FROM party p WHERE p.kind = customer_shareholder.kind AND p.name = customer_shareholder.name), '')
    WHERE holder_id = '';

-- +goose Down
DROP INDEX customer_shareholder_holder;
ALTER TABLE customer_shareholder DROP COLUMN holder_id;
DROP TABLE party_relation;
DROP TABLE party;
