-- +goose Up
CREATE TABLE scorecard (
    card_key     TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    document     TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (card_key, version)
);

CREATE TABLE questionnaire_answer (
    customer_id TEXT   NOT NULL REFERENCES customer (id),
    question    TEXT   NOT NULL,
    choice      TEXT   NOT NULL,
    evidence    TEXT   NOT NULL DEFAULT '',
    answered_by TEXT   NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, question)
);

CREATE TABLE assessment (
    id              TEXT   NOT NULL PRIMARY KEY,
    customer_id     TEXT   NOT NULL REFERENCES customer (id),
    assessed_on     TEXT   NOT NULL,
    card_key        TEXT   NOT NULL,
    card_version    BIGINT NOT NULL,
    statement_id    TEXT   NOT NULL DEFAULT '',
    score           DOUBLE PRECISION NOT NULL,
    grade           TEXT   NOT NULL,
    pd              DOUBLE PRECISION NOT NULL,
    recommended_minor BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    terms_days      BIGINT NOT NULL,
    outcome         TEXT   NOT NULL,
    facts           TEXT   NOT NULL,
    ratios          TEXT   NOT NULL,
    models          TEXT   NOT NULL,
    assessed_by     TEXT   NOT NULL,
    assessed_at     BIGINT NOT NULL,
    latest          BIGINT NOT NULL
);
CREATE INDEX assessment_customer ON assessment (customer_id, latest, assessed_at);
CREATE INDEX assessment_grade ON assessment (latest, grade);

INSERT INTO approval_authority (id, kind, currency, upto_minor, steps) VALUES
    ('scorecard-any', 'scorecard', '*', 9223372036854775807, '[{"role":"credit_manager","votes":1}]');

-- +goose Down
DELETE FROM approval_authority WHERE id = 'scorecard-any';
DROP TABLE assessment;
DROP TABLE questionnaire_answer;
DROP TABLE scorecard;
