-- What a sale writes that nothing reads.

-- An order has its hold's event and buyer, and a ticket its order's event: their rows are looked up
-- and locked once for the hold, and not again for whatever hangs on it.
ALTER TABLE orders DROP CONSTRAINT orders_event_fkey, DROP CONSTRAINT orders_account_fkey;
ALTER TABLE tickets DROP CONSTRAINT tickets_event_fkey;

-- Mails about orders name no event.
DROP INDEX mails_event_idx;
CREATE INDEX mails_event_idx ON mails (event_id) WHERE event_id IS NOT NULL;

-- An answer has about two kilobytes, just as much as makes Postgres compress a row.
ALTER TABLE idempotency_keys SET (toast_tuple_target = 8160);
