-- Answers to events that take RSVPs. A place of somebody who is going is a free ticket of the
-- event's one RSVP type, so pools, holds, waiting list and tickets know it already.
CREATE TABLE rsvp_settings (
    event_id       uuid NOT NULL,
    ticket_type_id uuid NOT NULL,
    -- Who is going is asked again so many hours before the start, and has until so many before it;
    -- both or none.
    ask_hours      integer,
    until_hours    integer,
    -- When they were asked, or should have been when the event moved since, and the deadline they
    -- were told: it stays when the event moves a little.
    asked_at       timestamptz,
    asked_until    timestamptz,
    CONSTRAINT rsvp_settings_pkey PRIMARY KEY (event_id),
    CONSTRAINT rsvp_settings_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT rsvp_settings_type_key UNIQUE (ticket_type_id),
    CONSTRAINT rsvp_settings_type_fkey FOREIGN KEY (ticket_type_id) REFERENCES ticket_types (id) ON DELETE CASCADE,
    CONSTRAINT rsvp_settings_hours_whole CHECK ((ask_hours IS NULL) = (until_hours IS NULL)),
    CONSTRAINT rsvp_settings_hours_ordered CHECK (until_hours >= 1 AND ask_hours > until_hours AND ask_hours <= 8760),
    CONSTRAINT rsvp_settings_asked_whole CHECK ((asked_at IS NULL) = (asked_until IS NULL))
);

-- One answer per person and event. "Going" is written by whoever gives or takes tickets of the
-- RSVP type, in that transaction: it stands exactly as long as the person has one.
CREATE TABLE rsvps (
    id          uuid        NOT NULL,
    event_id    uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    answer      text        NOT NULL,
    -- Of somebody who is going: since when that is confirmed.
    answered_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT rsvps_pkey PRIMARY KEY (id),
    CONSTRAINT rsvps_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT rsvps_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT rsvps_person_key UNIQUE (event_id, account_id),
    CONSTRAINT rsvps_answer_known CHECK (answer IN ('going', 'interested', 'not_going', 'lapsed'))
);
CREATE INDEX rsvps_event_idx ON rsvps (event_id, id DESC);
CREATE INDEX rsvps_account_idx ON rsvps (account_id, id DESC);
-- Counts of the interested, and who did not confirm.
CREATE INDEX rsvps_answer_idx ON rsvps (event_id, answer, answered_at);

-- Mails about answers: asked again, and lost the places. They are about an event and not about an order.
ALTER TABLE mails
    ALTER COLUMN order_id DROP NOT NULL,
    ADD COLUMN event_id uuid,
    ADD CONSTRAINT mails_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    DROP CONSTRAINT mails_kind_known,
    ADD CONSTRAINT mails_kind_known CHECK (kind IN ('receipt', 'rsvp_confirm', 'rsvp_lapsed')),
    ADD CONSTRAINT mails_about_one CHECK (
        (kind = 'receipt') = (order_id IS NOT NULL) AND (kind = 'receipt') = (event_id IS NULL));
-- One of a kind to one person is on its way at a time.
CREATE UNIQUE INDEX mails_open_event_key ON mails (event_id, account_id, kind) WHERE state IN ('queued', 'sending');
CREATE INDEX mails_event_idx ON mails (event_id);
