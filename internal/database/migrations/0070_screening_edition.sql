-- +goose Up
-- A list: which edition is in force, up to which the customers were screened, and where it is fetched from.
CREATE TABLE screening_source (
    id            TEXT   NOT NULL PRIMARY KEY,
    current_no    BIGINT NOT NULL DEFAULT 0,
    last_no       BIGINT NOT NULL DEFAULT 0,
    screened_no   BIGINT NOT NULL DEFAULT 0,
    urls          TEXT   NOT NULL DEFAULT '[]',
    allowed_hosts TEXT   NOT NULL DEFAULT '[]',
    every_hours   BIGINT NOT NULL DEFAULT 0,
    automatic     BOOLEAN NOT NULL DEFAULT FALSE,
    tried_at      BIGINT NOT NULL DEFAULT 0,
    failure       TEXT   NOT NULL DEFAULT '',
    version       BIGINT NOT NULL DEFAULT 1
);

-- Every edition that was loaded. One a list waits to be accepted at most, and one is in force at most.
CREATE TABLE screening_edition (
    id           TEXT   NOT NULL PRIMARY KEY,
    source       TEXT   NOT NULL REFERENCES screening_source (id),
    no           BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    sha256       TEXT   NOT NULL,
    entries      BIGINT NOT NULL,
    names        BIGINT NOT NULL,
    added        BIGINT NOT NULL,
    removed      BIGINT NOT NULL,
    changed      BIGINT NOT NULL,
    loaded_by    TEXT   NOT NULL,
    loaded_by_id TEXT   NOT NULL DEFAULT '',
    loaded_at    BIGINT NOT NULL,
    decided_by   TEXT   NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX screening_edition_no ON screening_edition (source, no);
CREATE UNIQUE INDEX screening_edition_waiting ON screening_edition (source) WHERE status = 'waiting';
CREATE UNIQUE INDEX screening_edition_in_force ON screening_edition (source) WHERE status = 'in_force';

INSERT INTO screening_source (id, current_no, last_no, screened_no)
    SELECT source, SUM(CASE WHEN replaced_at = 0 THEN 1 ELSE 0 END) * COUNT(*), COUNT(*), 0 FROM screening_list GROUP BY source;
INSERT INTO screening_edition (id, source, no, status, origin, sha256, entries, names, added, removed, changed, loaded_by, loaded_at, decided_by, decided_at)
    SELECT id, source, ROW_NUMBER() OVER (PARTITION BY source ORDER BY CASE WHEN replaced_at = 0 THEN 1 ELSE 0 END, loaded_at, id),
        CASE WHEN replaced_at = 0 THEN 'in_force' ELSE 'replaced' END, 'file', sha256, entries, names, 0, 0, 0, loaded_by, loaded_at, loaded_by, loaded_at FROM screening_list;

-- An entry as it stood from edition since_no to before edition until_no (0 = to this day), so that an edition costs what
-- it changes and each can be read and compared.
CREATE TABLE screening_listed (
    id        TEXT   NOT NULL PRIMARY KEY,
    source    TEXT   NOT NULL REFERENCES screening_source (id),
    source_id TEXT   NOT NULL,
    since_no  BIGINT NOT NULL,
    until_no  BIGINT NOT NULL DEFAULT 0,
    name      TEXT   NOT NULL,
    data      TEXT   NOT NULL,
    sha256    TEXT   NOT NULL
);
INSERT INTO screening_listed (id, source, source_id, since_no, name, data, sha256)
    SELECT e.id, d.source, e.source_id, d.no, e.name, e.data, e.sha256 FROM screening_entry e JOIN screening_edition d ON d.id = e.list_id;
CREATE UNIQUE INDEX screening_listed_since ON screening_listed (source, since_no, source_id);
CREATE INDEX screening_listed_until ON screening_listed (source, until_no);
CREATE INDEX screening_listed_entry ON screening_listed (source, source_id);

DROP TABLE screening_key;
DROP TABLE screening_entry;
DROP TABLE screening_list;

-- +goose Down
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
DROP TABLE screening_listed;
DROP TABLE screening_edition;
DROP TABLE screening_source;
