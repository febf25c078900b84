-- Payment by bank transfer and at the door; money that comes late.

-- How an event may be paid; one without a row is paid by card.
CREATE TABLE payment_methods (
    event_id        uuid    NOT NULL,
    card            boolean NOT NULL,
    at_door         boolean NOT NULL,
    offers_transfer boolean NOT NULL,
    -- Of bank transfers: all three, or none when there never were any. They stay when transfers are
    -- offered no more: orders may wait for theirs still.
    account_holder  text,
    details         text,
    transfer_days   integer,
    CONSTRAINT payment_methods_pkey PRIMARY KEY (event_id),
    CONSTRAINT payment_methods_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT payment_methods_some CHECK (card OR at_door OR offers_transfer),
    CONSTRAINT payment_methods_transfer_known CHECK (NOT offers_transfer OR transfer_days IS NOT NULL),
    CONSTRAINT payment_methods_transfer_whole CHECK (num_nulls(account_holder, details, transfer_days) IN (0, 3)),
    CONSTRAINT payment_methods_days_known CHECK (transfer_days BETWEEN 1 AND 60)
);

-- An order that waits for its money keeps its places until its hold is due, like any hold.
ALTER TABLE holds DROP CONSTRAINT holds_status_known;
ALTER TABLE holds ADD CONSTRAINT holds_status_known
    CHECK (status IN ('held', 'paying', 'awaiting', 'paid', 'expired', 'released'));
DROP INDEX holds_live_account_idx;
CREATE INDEX holds_live_account_idx ON holds (account_id, event_id) WHERE status IN ('held', 'paying', 'awaiting');
DROP INDEX holds_due_idx;
CREATE INDEX holds_due_idx ON holds (expires_at) WHERE status IN ('held', 'awaiting');
DROP INDEX holds_event_due_idx;
CREATE INDEX holds_event_due_idx ON holds (event_id, expires_at) WHERE status IN ('held', 'awaiting');

ALTER TABLE payments DROP CONSTRAINT payments_state_known;
ALTER TABLE payments ADD CONSTRAINT payments_state_known
    CHECK (state IN ('asked', 'unknown', 'succeeded', 'declined', 'awaited', 'lapsed'));
-- What the buyer writes on the transfer, or says at the door.
ALTER TABLE payments ADD COLUMN reference text;
ALTER TABLE payments ADD CONSTRAINT payments_reference_key UNIQUE (reference);

ALTER TABLE refunds DROP CONSTRAINT refunds_reason_known;
ALTER TABLE refunds ADD CONSTRAINT refunds_reason_known
    CHECK (reason IN ('buyer', 'organizer', 'event_cancelled', 'late'));
ALTER TABLE refunds DROP CONSTRAINT refunds_state_known;
ALTER TABLE refunds ADD CONSTRAINT refunds_state_known
    CHECK (state IN ('asked', 'unknown', 'succeeded', 'refused', 'due', 'paid_otherwise'));
