-- Tickets offered to somebody else, and what became of each offer. The trail of a ticket that
-- was passed on is its accepted row: the old ticket, the new one, who gave, who got it.
CREATE TABLE transfers (
    id            uuid        NOT NULL,
    ticket_id     uuid        NOT NULL,
    event_id      uuid        NOT NULL,
    giver_id      uuid        NOT NULL,
    recipient_text text       NOT NULL, -- as the giver wrote it: a handle or an e-mail address
    recipient_id  uuid,                 -- null while an offer by link was accepted by nobody
    new_ticket_id uuid,
    status        text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT transfers_pkey PRIMARY KEY (id),
    CONSTRAINT transfers_ticket_fkey FOREIGN KEY (ticket_id) REFERENCES tickets (id),
    CONSTRAINT transfers_new_ticket_fkey FOREIGN KEY (new_ticket_id) REFERENCES tickets (id),
    CONSTRAINT transfers_event_fkey FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT transfers_giver_fkey FOREIGN KEY (giver_id) REFERENCES accounts (id),
    CONSTRAINT transfers_recipient_fkey FOREIGN KEY (recipient_id) REFERENCES accounts (id),
    CONSTRAINT transfers_not_to_oneself CHECK (recipient_id <> giver_id),
    CONSTRAINT transfers_status_known CHECK (status IN ('offered', 'accepted', 'declined', 'withdrawn', 'expired')),
    CONSTRAINT transfers_accepted_has_ticket CHECK
        ((status = 'accepted') = (new_ticket_id IS NOT NULL) AND (status <> 'accepted' OR recipient_id IS NOT NULL))
);
-- One open offer of a ticket at a time, and it is passed on once.
CREATE UNIQUE INDEX transfers_ticket_live_key ON transfers (ticket_id) WHERE status IN ('offered', 'accepted');
CREATE UNIQUE INDEX transfers_new_ticket_key ON transfers (new_ticket_id) WHERE new_ticket_id IS NOT NULL;
CREATE INDEX transfers_giver_idx ON transfers (giver_id, id DESC);
CREATE INDEX transfers_recipient_idx ON transfers (recipient_id, id DESC);
CREATE INDEX transfers_event_idx ON transfers (event_id);
CREATE INDEX transfers_ticket_idx ON transfers (ticket_id);
