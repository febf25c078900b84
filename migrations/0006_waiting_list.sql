-- People in line for places of a ticket type that is sold out.
CREATE TABLE waiting_list_entries (
    id             uuid        NOT NULL,
    -- Given under the locks of the event's pools: the order in which they joined.
    place          bigint      GENERATED ALWAYS AS IDENTITY,
    event_id       uuid        NOT NULL,
    ticket_type_id uuid        NOT NULL,
    account_id     uuid        NOT NULL,
    quantity       integer     NOT NULL,
    -- What became of an offered one is told by its hold.
    status         text        NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT waiting_list_entries_pkey PRIMARY KEY (id),
    CONSTRAINT waiting_list_entries_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT waiting_list_entries_type_fkey FOREIGN KEY (ticket_type_id) REFERENCES ticket_types (id) ON DELETE CASCADE,
    CONSTRAINT waiting_list_entries_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT waiting_list_entries_quantity_known CHECK (quantity BETWEEN 1 AND 100),
    CONSTRAINT waiting_list_entries_status_known CHECK (status IN ('waiting', 'offered', 'left', 'closed'))
);
-- One place in each line.
CREATE UNIQUE INDEX waiting_list_entries_person_key ON waiting_list_entries (ticket_type_id, account_id) WHERE status = 'waiting';
-- Positions, and whoever is next with a party that fits.
CREATE INDEX waiting_list_entries_line_idx ON waiting_list_entries (ticket_type_id, place) WHERE status = 'waiting';
CREATE INDEX waiting_list_entries_party_idx ON waiting_list_entries (ticket_type_id, quantity, place) WHERE status = 'waiting';
CREATE INDEX waiting_list_entries_account_idx ON waiting_list_entries (account_id, id DESC);
CREATE INDEX waiting_list_entries_event_idx ON waiting_list_entries (event_id, place);

-- An offer is a hold like others, for somebody in line.
ALTER TABLE holds ADD COLUMN waiting_list_entry_id uuid;
ALTER TABLE holds ADD CONSTRAINT holds_waiting_list_entry_fkey
    FOREIGN KEY (waiting_list_entry_id) REFERENCES waiting_list_entries (id) ON DELETE SET NULL;
CREATE UNIQUE INDEX holds_waiting_list_entry_key ON holds (waiting_list_entry_id) WHERE waiting_list_entry_id IS NOT NULL;
