-- +goose Up
-- What the rules said of a customer file, a row each time that it changed; latest = 1 marks the one that stands.
CREATE TABLE file_judgement (
    id           TEXT   NOT NULL PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    card_version BIGINT NOT NULL,
    initial      TEXT   NOT NULL,
    compliance   TEXT   NOT NULL,
    operational  TEXT   NOT NULL,
    combined     DOUBLE PRECISION NOT NULL,
    verdicts     TEXT   NOT NULL,
    completeness DOUBLE PRECISION NOT NULL,
    judged_by    TEXT   NOT NULL,
    judged_at    BIGINT NOT NULL,
    looked_at    BIGINT NOT NULL,
    latest       BIGINT NOT NULL
);
CREATE UNIQUE INDEX file_judgement_latest ON file_judgement (customer_id) WHERE latest = 1;
CREATE INDEX file_judgement_customer ON file_judgement (customer_id, judged_at);
CREATE INDEX file_judgement_looked ON file_judgement (latest, looked_at);

-- Versions of the card that replaced the library's; the highest is in force.
CREATE TABLE file_card (
    version    BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE file_card;
DROP TABLE file_judgement;
