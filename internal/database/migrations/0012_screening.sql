-- +goose Up
CREATE TABLE screening_list (
    source    TEXT   NOT NULL PRIMARY KEY,
    sha256    TEXT   NOT NULL,
    entries   BIGINT NOT NULL,
    names     BIGINT NOT NULL,
    loaded_by TEXT   NOT NULL,
    loaded_at BIGINT NOT NULL
);

CREATE TABLE screening_entry (
    id        TEXT NOT NULL PRIMARY KEY,
    source    TEXT NOT NULL,
    source_id TEXT NOT NULL,
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    data      TEXT NOT NULL,
    sha256    TEXT NOT NULL
);
CREATE UNIQUE INDEX screening_entry_source ON screening_entry (source, source_id);

CREATE TABLE screening_key (
    entry_id TEXT NOT NULL REFERENCES screening_entry (id),
    name_key TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (name_key, entry_id)
);
CREATE INDEX screening_key_entry ON screening_key (entry_id);

CREATE TABLE screening_hit (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    party_kind  TEXT   NOT NULL,
    party       TEXT   NOT NULL,
    name_key    TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    source_id   TEXT   NOT NULL,
    listed_name TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    sha256      TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    reason      TEXT   NOT NULL DEFAULT '',
    decided_by  TEXT   NOT NULL DEFAULT '',
    decided_at  BIGINT NOT NULL DEFAULT 0,
    found_at    BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX screening_hit_fact ON screening_hit (customer_id, party_kind, name_key, source, source_id);
CREATE INDEX screening_hit_status ON screening_hit (status, found_at);

-- +goose Down
DROP TABLE screening_hit;
DROP TABLE screening_key;
DROP TABLE screening_entry;
DROP TABLE screening_list;
