-- +goose Up
-- A request is decided on terms: amount, last day, conditions. Each amendment and each lowering begins a new round;
-- votes count for the round that they were given in. amount_minor and until_on are what was asked.
ALTER TABLE approval_request ADD COLUMN until_on TEXT NOT NULL DEFAULT '';
ALTER TABLE approval_request ADD COLUMN granted_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE approval_request ADD COLUMN granted_until TEXT NOT NULL DEFAULT '';
ALTER TABLE approval_request ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
ALTER TABLE approval_request ADD COLUMN round BIGINT NOT NULL DEFAULT 1;
UPDATE approval_request SET granted_minor = amount_minor;
UPDATE approval_request SET until_on = COALESCE((SELECT l.valid_until FROM credit_limit l WHERE l.id = approval_request.reference), '') WHERE kind = 'limit';
UPDATE approval_request SET granted_until = until_on;

CREATE TABLE approval_vote_by_round (
    request_id   TEXT   NOT NULL REFERENCES approval_request (id),
    round        BIGINT NOT NULL,
    user_id      TEXT   NOT NULL,
    step         BIGINT NOT NULL,
    user_name    TEXT   NOT NULL,
    verdict      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (request_id, round, user_id)
);
INSERT INTO approval_vote_by_round (request_id, round, user_id, step, user_name, verdict, reason, at, amount_minor)
    SELECT v.request_id, 1, v.user_id, v.step, v.user_name, v.verdict, v.reason, v.at, r.amount_minor FROM approval_vote v JOIN approval_request r ON r.id = v.request_id;
DROP TABLE approval_vote;
ALTER TABLE approval_vote_by_round RENAME TO approval_vote;

ALTER TABLE credit_limit ADD COLUMN asked_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credit_limit ADD COLUMN asked_until TEXT NOT NULL DEFAULT '';
ALTER TABLE credit_limit ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
UPDATE credit_limit SET asked_minor = amount_minor, asked_until = valid_until;

-- Releasing a held order: the amount is by how much exposure would exceed the limit; the whole order when frozen or overdue.
INSERT INTO approval_authority (id, kind, currency, upto_minor, steps) VALUES
    ('release-cny-1', 'order_release', 'CNY', 10000000, '[{"role":"credit_manager","votes":1}]'),
    ('release-cny-2', 'order_release', 'CNY', 100000000, '[{"role":"committee","votes":1}]'),
    ('release-cny-3', 'order_release', 'CNY', 9223372036854775807, '[{"role":"committee","votes":2}]'),
    ('release-any', 'order_release', '*', 9223372036854775807, '[{"role":"committee","votes":1}]');

-- +goose Down
DELETE FROM approval_authority WHERE kind = 'order_release';
ALTER TABLE credit_limit DROP COLUMN conditions;
ALTER TABLE credit_limit DROP COLUMN asked_until;
ALTER TABLE credit_limit DROP COLUMN asked_minor;
CREATE TABLE approval_vote_once (
    request_id TEXT   NOT NULL REFERENCES approval_request (id),
    step       BIGINT NOT NULL,
    user_id    TEXT   NOT NULL,
    user_name  TEXT   NOT NULL,
    verdict    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, user_id)
);
INSERT INTO approval_vote_once (request_id, step, user_id, user_name, verdict, reason, at)
    SELECT v.request_id, v.step, v.user_id, v.user_name, v.verdict, v.reason, v.at FROM approval_vote v WHERE v.round = (SELECT r.round FROM approval_request r WHERE r.id = v.request_id);
DROP TABLE approval_vote;
ALTER TABLE approval_vote_once RENAME TO approval_vote;
ALTER TABLE approval_request DROP COLUMN round;
ALTER TABLE approval_request DROP COLUMN conditions;
ALTER TABLE approval_request DROP COLUMN granted_until;
ALTER TABLE approval_request DROP COLUMN granted_minor;
ALTER TABLE approval_request DROP COLUMN until_on;
