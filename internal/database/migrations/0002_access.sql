-- +goose Up
CREATE TABLE team (
    id   TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE UNIQUE INDEX team_name ON team (name);

CREATE TABLE app_user (
    id            TEXT    NOT NULL PRIMARY KEY,
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    team_id       TEXT    NOT NULL DEFAULT '',
    scope         TEXT    NOT NULL,
    roles         TEXT    NOT NULL,
    lang          TEXT    NOT NULL DEFAULT 'zh',
    disabled      BOOLEAN NOT NULL DEFAULT FALSE,
    failures      BIGINT  NOT NULL DEFAULT 0,
    locked_until  BIGINT  NOT NULL DEFAULT 0,
    created_at    BIGINT  NOT NULL,
    version       BIGINT  NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX app_user_login ON app_user (login);

CREATE TABLE session (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES app_user (id),
    csrf       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE api_token (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES app_user (id),
    name       TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    scopes     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX api_token_hash ON api_token (hash);

-- +goose Down
DROP TABLE api_token;
DROP TABLE session;
DROP TABLE app_user;
DROP TABLE team;
