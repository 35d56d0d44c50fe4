-- +goose Up
CREATE TABLE customer_balance (
    customer_id       TEXT   NOT NULL REFERENCES customer (id),
    currency          TEXT   NOT NULL,
    open_orders_minor BIGINT NOT NULL DEFAULT 0,
    invoiced_minor    BIGINT NOT NULL DEFAULT 0,
    on_account_minor  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_id, currency)
);

CREATE TABLE sales_order (
    id           TEXT   NOT NULL PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customer (id),
    number       TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    open_minor   BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    ordered_on   TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    reserved_until TEXT NOT NULL DEFAULT '',
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX sales_order_number ON sales_order (customer_id, number);
CREATE INDEX sales_order_by_number ON sales_order (number);
CREATE INDEX sales_order_status ON sales_order (status, created_at);
CREATE INDEX sales_order_customer ON sales_order (customer_id, created_at);

CREATE TABLE invoice (
    id           TEXT    NOT NULL PRIMARY KEY,
    customer_id  TEXT    NOT NULL REFERENCES customer (id),
    order_id     TEXT    NOT NULL DEFAULT '',
    number       TEXT    NOT NULL,
    amount_minor BIGINT  NOT NULL,
    open_minor   BIGINT  NOT NULL,
    currency     TEXT    NOT NULL,
    issued_on    TEXT    NOT NULL,
    due_on       TEXT    NOT NULL,
    settled_on   TEXT    NOT NULL DEFAULT '',
    disputed     BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   BIGINT  NOT NULL,
    version      BIGINT  NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX invoice_number ON invoice (customer_id, number);
CREATE INDEX invoice_by_number ON invoice (number);
CREATE INDEX invoice_open ON invoice (customer_id, due_on, id) WHERE open_minor > 0;
CREATE INDEX invoice_customer ON invoice (customer_id, issued_on);
CREATE INDEX invoice_due ON invoice (due_on, id) WHERE open_minor > 0;
CREATE INDEX invoice_issued ON invoice (issued_on, id);

CREATE TABLE payment (
    id            TEXT   NOT NULL PRIMARY KEY,
    customer_id   TEXT   NOT NULL REFERENCES customer (id),
    number        TEXT   NOT NULL,
    payer         TEXT   NOT NULL DEFAULT '',
    amount_minor  BIGINT NOT NULL,
    unused_minor  BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    received_on   TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX payment_number ON payment (customer_id, number);
CREATE INDEX payment_by_number ON payment (number);
CREATE INDEX payment_customer ON payment (customer_id, received_on);

CREATE TABLE allocation (
    id           TEXT   NOT NULL PRIMARY KEY,
    payment_id   TEXT   NOT NULL REFERENCES payment (id),
    invoice_id   TEXT   NOT NULL REFERENCES invoice (id),
    amount_minor BIGINT NOT NULL,
    allocated_on TEXT   NOT NULL
);
CREATE INDEX allocation_payment ON allocation (payment_id);
CREATE INDEX allocation_invoice ON allocation (invoice_id);

-- +goose Down
DROP TABLE allocation;
DROP TABLE payment;
DROP TABLE invoice;
DROP TABLE sales_order;
DROP TABLE customer_balance;
