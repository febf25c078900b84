-- Tickets given back, and the money that goes back for them.

-- Until how many hours before the start buyers may give tickets back; null: not at all.
ALTER TABLE events ADD COLUMN refund_hours integer;
ALTER TABLE events ADD CONSTRAINT events_refund_hours_known CHECK (refund_hours BETWEEN 0 AND 8760);

-- The terms a buyer bought under; the event's may change later.
ALTER TABLE orders ADD COLUMN refund_hours integer;

-- One order to a provider to give money back. The id is what the provider knows it by, so
-- asking twice gives back once.
CREATE TABLE refunds (
    id           uuid        NOT NULL,
    order_id     uuid        NOT NULL,
    payment_id   uuid        NOT NULL,
    amount_minor bigint      NOT NULL,
    currency     text        NOT NULL,
    reason       text        NOT NULL,
    state        text        NOT NULL,
    -- While somebody is asking the provider, nobody else does before this instant.
    leased_until timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (id),
    CONSTRAINT refunds_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT refunds_payment_fkey FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT refunds_reason_known CHECK (reason IN ('buyer', 'organizer', 'event_cancelled')),
    CONSTRAINT refunds_state_known CHECK (state IN ('asked', 'unknown', 'succeeded', 'refused', 'paid_otherwise'))
);
CREATE INDEX refunds_order_idx ON refunds (order_id);
CREATE INDEX refunds_open_idx ON refunds (leased_until) WHERE state IN ('asked', 'unknown');

-- Orders whose cancelled tickets were not given back yet are found by this.
CREATE INDEX tickets_cancelled_idx ON tickets (event_id) WHERE status = 'cancelled';

-- An event's orders are listed latest first.
DROP INDEX orders_event_idx;
CREATE INDEX orders_event_idx ON orders (event_id, id DESC);

-- A hold becomes at most one order that counts, given back or not.
DROP INDEX orders_hold_live_key;
CREATE UNIQUE INDEX orders_hold_live_key ON orders (hold_id) WHERE status IN ('pending', 'paid', 'refunded');
