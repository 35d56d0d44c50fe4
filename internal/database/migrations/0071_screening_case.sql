-- +goose Up
-- What a hit rests on: how alike, why, and our party's facts as they were compared.
ALTER TABLE screening_hit ADD COLUMN class TEXT NOT NULL DEFAULT 'sanctions';
ALTER TABLE screening_hit ADD COLUMN score DOUBLE PRECISION NOT NULL DEFAULT 1;
ALTER TABLE screening_hit ADD COLUMN explanation TEXT NOT NULL DEFAULT '{}';
ALTER TABLE screening_hit ADD COLUMN our_facts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE screening_hit ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_hit ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_hit ADD COLUMN gone_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX screening_hit_work ON screening_hit (status, score, id);
CREATE INDEX screening_hit_entry ON screening_hit (source, source_id);
CREATE INDEX screening_hit_request ON screening_hit (request_id);
CREATE INDEX screening_run_started ON screening_run (started_at);

-- All names of the customer itself are one party; its key is the empty text.
UPDATE screening_hit SET name_key = '' WHERE party_kind = 'customer' AND id = (SELECT MIN(o.id) FROM screening_hit o
    WHERE o.customer_id = screening_hit.customer_id AND o.party_kind = 'customer' AND o.source = screening_hit.source AND o.source_id = screening_hit.source_id);

-- What became of a hit, when, by whom, and why.
CREATE TABLE screening_decision (
    id       TEXT   NOT NULL PRIMARY KEY,
    hit_id   TEXT   NOT NULL REFERENCES screening_hit (id),
    what     TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    evidence TEXT   NOT NULL,
    score    DOUBLE PRECISION NOT NULL,
    sha256   TEXT   NOT NULL,
    made_by  TEXT   NOT NULL,
    made_at  BIGINT NOT NULL
);
CREATE INDEX screening_decision_hit ON screening_decision (hit_id, made_at);

INSERT INTO approval_authority (id, kind, currency, upto_minor, steps) VALUES
    ('screening-any', 'screening', '*', 9223372036854775807, '[{"role":"credit_manager","votes":1}]');

-- +goose Down
DELETE FROM approval_authority WHERE kind = 'screening';
DROP TABLE screening_decision;
DROP INDEX screening_run_started;
DROP INDEX screening_hit_request;
DROP INDEX screening_hit_entry;
DROP INDEX screening_hit_work;
ALTER TABLE screening_hit DROP COLUMN gone_at;
ALTER TABLE screening_hit DROP COLUMN request_id;
ALTER TABLE screening_hit DROP COLUMN evidence;
ALTER TABLE screening_hit DROP COLUMN our_facts;
ALTER TABLE screening_hit DROP COLUMN explanation;
ALTER TABLE screening_hit DROP COLUMN score;
ALTER TABLE screening_hit DROP COLUMN class;
