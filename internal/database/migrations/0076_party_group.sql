-- +goose Up
-- A group of companies (集团). Derived ones follow from control and are found anew on change; what people add or remove
-- stays, with the reason. A party is a member when it was added, or derived and not removed.
CREATE TABLE party_group (
    id         TEXT   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    named      BIGINT NOT NULL DEFAULT 0,
    apex_id    TEXT   NOT NULL DEFAULT '',
    note       TEXT   NOT NULL DEFAULT '',
    status     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX party_group_apex ON party_group (apex_id);

CREATE TABLE party_group_member (
    group_id TEXT   NOT NULL REFERENCES party_group (id),
    party_id TEXT   NOT NULL,
    derived  BIGINT NOT NULL DEFAULT 0,
    hand     TEXT   NOT NULL DEFAULT '',
    reason   TEXT   NOT NULL DEFAULT '',
    set_by   TEXT   NOT NULL DEFAULT '',
    set_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, party_id)
);
CREATE INDEX party_group_member_party ON party_group_member (party_id);

-- A row for each change of ownership that the derived groups have not followed yet.
CREATE TABLE party_group_stale (
    id         TEXT   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE party_group_stale;
DROP TABLE party_group_member;
DROP TABLE party_group;
