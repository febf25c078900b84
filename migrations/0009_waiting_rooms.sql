-- Waiting rooms of rush sales: one per event while it is armed.
CREATE TABLE waiting_rooms (
    id                uuid        NOT NULL,
    event_id          uuid        NOT NULL,
    opens_at          timestamptz NOT NULL,
    -- What the organizer set last; what holds when is in waiting_room_rates.
    admits_per_minute integer     NOT NULL,
    -- When the places of those who came early were drawn, and what their order follows from.
    drawn_at          timestamptz,
    seed              bytea,
    -- People who ever joined.
    joined            bigint      NOT NULL DEFAULT 0,
    -- The next place at the end of the line.
    next_slot         bigint      NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    CONSTRAINT waiting_rooms_pkey PRIMARY KEY (id),
    CONSTRAINT waiting_rooms_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT waiting_rooms_event_key UNIQUE (event_id),
    CONSTRAINT waiting_rooms_rate_known CHECK (admits_per_minute BETWEEN 1 AND 60000),
    CONSTRAINT waiting_rooms_draw_whole CHECK ((drawn_at IS NULL) = (seed IS NULL))
);

-- From an instant on so many are admitted a minute; slots is how many were until then.
CREATE TABLE waiting_room_rates (
    room_id    uuid        NOT NULL,
    since      timestamptz NOT NULL,
    slots      bigint      NOT NULL,
    per_minute integer     NOT NULL,
    CONSTRAINT waiting_room_rates_pkey PRIMARY KEY (room_id, since),
    CONSTRAINT waiting_room_rates_room_fkey FOREIGN KEY (room_id) REFERENCES waiting_rooms (id) ON DELETE CASCADE
);

-- One place per account. The slot is its turn; NULL until the draw.
CREATE TABLE waiting_room_places (
    room_id    uuid        NOT NULL,
    account_id uuid        NOT NULL,
    joined_at  timestamptz NOT NULL,
    slot       bigint,
    CONSTRAINT waiting_room_places_pkey PRIMARY KEY (room_id, account_id),
    CONSTRAINT waiting_room_places_room_fkey FOREIGN KEY (room_id) REFERENCES waiting_rooms (id) ON DELETE CASCADE,
    CONSTRAINT waiting_room_places_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX waiting_room_places_slot_key ON waiting_room_places (room_id, slot);
CREATE INDEX waiting_room_places_account_idx ON waiting_room_places (account_id);
