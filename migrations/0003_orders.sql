-- Holds, orders, payments, tickets; idempotency of the calls that make them.
CREATE TABLE holds (
    id          uuid        NOT NULL,
    event_id    uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    status      text        NOT NULL,
    total_minor bigint      NOT NULL,
    currency    text        NOT NULL,
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (id),
    CONSTRAINT holds_event_fkey FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT holds_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT holds_status_known CHECK (status IN ('held', 'paying', 'paid', 'expired', 'released'))
);
CREATE INDEX holds_live_account_idx ON holds (account_id, event_id) WHERE status IN ('held', 'paying');
CREATE INDEX holds_due_idx ON holds (expires_at) WHERE status = 'held';
CREATE INDEX holds_event_due_idx ON holds (event_id, expires_at) WHERE status = 'held';

CREATE TABLE hold_items (
    hold_id          uuid    NOT NULL,
    position         integer NOT NULL, -- the order they were asked for
    ticket_type_id   uuid    NOT NULL,
    quantity         integer NOT NULL,
    unit_price_minor bigint  NOT NULL,
    name             text    NOT NULL,
    CONSTRAINT hold_items_pkey PRIMARY KEY (hold_id, ticket_type_id),
    CONSTRAINT hold_items_hold_fkey FOREIGN KEY (hold_id) REFERENCES holds (id),
    CONSTRAINT hold_items_type_fkey FOREIGN KEY (ticket_type_id) REFERENCES ticket_types (id),
    CONSTRAINT hold_items_quantity_positive CHECK (quantity > 0)
);
CREATE INDEX hold_items_type_idx ON hold_items (ticket_type_id);

CREATE TABLE orders (
    id            uuid        NOT NULL,
    hold_id       uuid        NOT NULL,
    event_id      uuid        NOT NULL,
    account_id    uuid        NOT NULL,
    status        text        NOT NULL,
    payment_state text        NOT NULL,
    total_minor   bigint      NOT NULL,
    currency      text        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_hold_fkey FOREIGN KEY (hold_id) REFERENCES holds (id),
    CONSTRAINT orders_event_fkey FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT orders_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT orders_status_known CHECK (status IN ('pending', 'paid', 'cancelled', 'refunded'))
);
-- A hold becomes at most one order that counts; declined tries stay as cancelled rows.
CREATE UNIQUE INDEX orders_hold_live_key ON orders (hold_id) WHERE status IN ('pending', 'paid');
CREATE INDEX orders_account_idx ON orders (account_id, id DESC);
CREATE INDEX orders_event_idx ON orders (event_id);

-- One question to a provider. The id is what the provider knows it by, so asking twice charges once.
CREATE TABLE payments (
    id           uuid        NOT NULL,
    order_id     uuid        NOT NULL,
    method       text        NOT NULL,
    token        text        NOT NULL,
    amount_minor bigint      NOT NULL,
    currency     text        NOT NULL,
    state        text        NOT NULL,
    -- While somebody is asking the provider, nobody else does before this instant.
    leased_until timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (id),
    CONSTRAINT payments_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT payments_order_key UNIQUE (order_id),
    CONSTRAINT payments_state_known CHECK (state IN ('asked', 'unknown', 'succeeded', 'declined'))
);
CREATE INDEX payments_open_idx ON payments (leased_until) WHERE state IN ('asked', 'unknown');

CREATE TABLE tickets (
    id             uuid        NOT NULL,
    order_id       uuid        NOT NULL,
    event_id       uuid        NOT NULL,
    ticket_type_id uuid        NOT NULL,
    account_id     uuid        NOT NULL,
    code           text        NOT NULL,
    status         text        NOT NULL,
    holder_name    text        NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    CONSTRAINT tickets_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT tickets_event_fkey FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT tickets_type_fkey FOREIGN KEY (ticket_type_id) REFERENCES ticket_types (id),
    CONSTRAINT tickets_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT tickets_code_key UNIQUE (code),
    CONSTRAINT tickets_status_known CHECK (status IN ('valid', 'used', 'cancelled', 'transferred', 'refunded'))
);
CREATE INDEX tickets_account_idx ON tickets (account_id, id DESC);
CREATE INDEX tickets_type_account_idx ON tickets (ticket_type_id, account_id);
CREATE INDEX tickets_event_idx ON tickets (event_id);
CREATE INDEX tickets_order_idx ON tickets (order_id);

-- The answer to a call with an Idempotency-Key, kept 24 hours.
CREATE TABLE idempotency_keys (
    account_id   uuid        NOT NULL,
    operation    text        NOT NULL, -- method and path
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    state        text        NOT NULL,
    leased_until timestamptz NOT NULL, -- of a running one: after it a retry takes over
    order_id     uuid,                 -- what the running request pays, for taking over
    status       integer,
    body         bytea,
    created_at   timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, operation, key),
    CONSTRAINT idempotency_keys_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_state_known CHECK (state IN ('running', 'done')),
    CONSTRAINT idempotency_keys_done_has_answer CHECK (state = 'running' OR (status IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
