-- +goose Up
-- Every edition that was loaded; the one in force has replaced_at = 0 and is the only one with entries.
CREATE TABLE screening_list (
    id          TEXT   NOT NULL PRIMARY KEY,
    source      TEXT   NOT NULL,
    sha256      TEXT   NOT NULL,
    entries     BIGINT NOT NULL,
    names       BIGINT NOT NULL,
    loaded_by   TEXT   NOT NULL,
    loaded_at   BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX screening_list_current ON screening_list (source) WHERE replaced_at = 0;

CREATE TABLE screening_entry (
    id        TEXT NOT NULL PRIMARY KEY,
    list_id   TEXT NOT NULL REFERENCES screening_list (id),
    source_id TEXT NOT NULL,
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    data      TEXT NOT NULL,
    sha256    TEXT NOT NULL
);
CREATE UNIQUE INDEX screening_entry_source ON screening_entry (list_id, source_id);

CREATE TABLE screening_key (
    entry_id TEXT NOT NULL REFERENCES screening_entry (id),
    name_key TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (name_key, entry_id)
);
CREATE INDEX screening_key_entry ON screening_key (entry_id);

-- What was screened, when, against which editions: the proof also where nothing was found.
CREATE TABLE screening_run (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL DEFAULT '',
    lists       TEXT   NOT NULL,
    customers   BIGINT NOT NULL,
    names       BIGINT NOT NULL,
    hits        BIGINT NOT NULL,
    new_hits    BIGINT NOT NULL,
    started_by  TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX screening_run_customer ON screening_run (customer_id, started_at);

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
DROP TABLE screening_run;
DROP TABLE screening_key;
DROP TABLE screening_entry;
DROP TABLE screening_list;
