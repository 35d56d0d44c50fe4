-- +goose Up
-- Answers kept under idempotency keys held the secrets of new tokens; from now on they are kept without.
UPDATE idempotency SET response = '{}' WHERE operation = 'access.create_token';

-- +goose Down
SELECT 1;
