-- Events, their media, capacity pools and ticket types.
CREATE TABLE events (
    id            uuid        NOT NULL,
    slug          text        NOT NULL,
    organizer_id  uuid        NOT NULL,
    title         text        NOT NULL,
    description   text        NOT NULL DEFAULT '',
    category      text        NOT NULL DEFAULT 'other',
    tags          text[]      NOT NULL DEFAULT '{}',
    status        text        NOT NULL DEFAULT 'draft',
    cancel_reason text,
    visibility    text        NOT NULL DEFAULT 'public',
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    time_zone     text        NOT NULL,
    venue_name    text,
    venue_address text,
    latitude      double precision,
    longitude     double precision,
    online_url    text,
    capacity      integer,
    -- The pool every ticket type of the event also draws from; NULL without a capacity.
    capacity_pool_id uuid,
    -- Of all its ticket types, and their lowest price: kept with every change of a
    -- ticket type so that lists filter and sort by it. NULL without ticket types.
    currency      text,
    price_from_minor bigint,
    version       bigint      NOT NULL DEFAULT 1,
    metadata_version bigint   NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    published_at  timestamptz,
    -- Words of title, tags, venue and description in falling weight; kept by the trigger below.
    search        tsvector    NOT NULL DEFAULT ''::tsvector,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_organizer_fkey FOREIGN KEY (organizer_id) REFERENCES accounts (id),
    CONSTRAINT events_slug_key UNIQUE (slug),
    CONSTRAINT events_status_known CHECK (status IN ('draft', 'published', 'cancelled', 'completed')),
    CONSTRAINT events_visibility_known CHECK (visibility IN ('public', 'unlisted', 'members', 'archived')),
    CONSTRAINT events_ends_after_start CHECK (ends_at > starts_at),
    CONSTRAINT events_coordinates_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT events_capacity_positive CHECK (capacity > 0)
);

-- Every word of a title, tag or place, but not numbers: where a mistyped word is looked up. Words are
-- never removed; a word that no public event has finds nothing.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE TABLE search_words (
    word text NOT NULL,
    CONSTRAINT search_words_pkey PRIMARY KEY (word)
);
CREATE INDEX search_words_length_idx ON search_words (char_length(word));

CREATE FUNCTION events_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    title text := unaccent(NEW.title);
    words text := unaccent(array_to_string(NEW.tags, ' ') || ' ' || NEW.category);
    place text := unaccent(coalesce(NEW.venue_name, '') || ' ' || coalesce(NEW.venue_address, ''));
    named tsvector := setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('simple', words || ' ' || place), 'B');
BEGIN
    NEW.search := named || setweight(to_tsvector('simple', unaccent(left(NEW.description, 20000))), 'D');
    -- In one order, so that two transactions with the same new words wait and never deadlock.
    INSERT INTO search_words (word)
    SELECT lexeme FROM unnest(tsvector_to_array(named)) AS lexeme
    WHERE char_length(lexeme) BETWEEN 3 AND 40 AND lexeme !~ '^[0-9]'
      AND NOT EXISTS (SELECT 1 FROM search_words known WHERE known.word = lexeme)
    ORDER BY lexeme
    ON CONFLICT ON CONSTRAINT search_words_pkey DO NOTHING;
    RETURN NEW;
END $$;
CREATE TRIGGER events_search_trigger BEFORE INSERT OR UPDATE OF title, tags, category, venue_name, venue_address, description
    ON events FOR EACH ROW EXECUTE FUNCTION events_search();

-- Lists show public published events; each order of a list has its index.
CREATE INDEX events_public_starts_idx ON events (starts_at, id) WHERE status = 'published' AND visibility = 'public';
CREATE INDEX events_public_title_idx ON events (lower(title), id) WHERE status = 'published' AND visibility = 'public';
CREATE INDEX events_public_created_idx ON events (created_at, id) WHERE status = 'published' AND visibility = 'public';
-- Events without a price come last in both directions.
CREATE INDEX events_public_price_idx ON events (coalesce(price_from_minor, 9223372036854775807), id)
    WHERE status = 'published' AND visibility = 'public';
CREATE INDEX events_public_price_desc_idx ON events (coalesce(price_from_minor, -1), id)
    WHERE status = 'published' AND visibility = 'public';
CREATE INDEX events_public_category_idx ON events (category, starts_at, id) WHERE status = 'published' AND visibility = 'public';
-- What is on at an instant.
CREATE INDEX events_public_during_idx ON events USING gist (tstzrange(starts_at, ends_at))
    WHERE status = 'published' AND visibility = 'public';
CREATE INDEX events_search_idx ON events USING gin (search);
CREATE INDEX events_tags_idx ON events USING gin (tags);
CREATE INDEX events_organizer_idx ON events (organizer_id, id);
CREATE INDEX events_place_idx ON events USING gist (ll_to_earth(latitude, longitude))
    WHERE latitude IS NOT NULL AND status = 'published' AND visibility = 'public';

CREATE TABLE media (
    id         uuid        NOT NULL,
    event_id   uuid        NOT NULL,
    kind       text        NOT NULL,
    -- Random; the first part of every object's key and of its public address.
    key        text        NOT NULL,
    width      integer     NOT NULL,
    height     integer     NOT NULL,
    -- [{"name": "w640.webp", "width": 640, "height": 360}], smallest first.
    variants   jsonb       NOT NULL,
    thumbhash  text        NOT NULL,
    caption    text,
    created_at timestamptz NOT NULL,
    CONSTRAINT media_pkey PRIMARY KEY (id),
    CONSTRAINT media_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT media_key_key UNIQUE (key),
    CONSTRAINT media_kind_known CHECK (kind IN ('cover', 'banner', 'poster', 'thumbnail', 'gallery'))
);
CREATE UNIQUE INDEX media_single_kind_key ON media (event_id, kind) WHERE kind <> 'gallery';
CREATE INDEX media_event_idx ON media (event_id, created_at);

-- Objects to remove from S3. An upload notes its objects here before it stores the
-- first one and strikes them off in the transaction that writes their row; whoever
-- removes a row notes its objects in the same transaction. A worker removes what is
-- due, so no object is forgotten, whatever fails in between.
CREATE TABLE orphan_objects (
    key    text        NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT orphan_objects_pkey PRIMARY KEY (key)
);
CREATE INDEX orphan_objects_due_idx ON orphan_objects (due_at);

-- Places. The truth is in holds and tickets; these counters are what sales lock.
CREATE TABLE capacity_pools (
    id       uuid    NOT NULL,
    event_id uuid    NOT NULL,
    capacity integer NOT NULL,
    sold     integer NOT NULL DEFAULT 0,
    held     integer NOT NULL DEFAULT 0,
    CONSTRAINT capacity_pools_pkey PRIMARY KEY (id),
    CONSTRAINT capacity_pools_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT capacity_pools_never_oversold CHECK (sold >= 0 AND held >= 0 AND sold + held <= capacity)
);
CREATE INDEX capacity_pools_event_idx ON capacity_pools (event_id);
ALTER TABLE events ADD CONSTRAINT events_capacity_pool_fkey
    FOREIGN KEY (capacity_pool_id) REFERENCES capacity_pools (id) ON DELETE SET NULL;

CREATE TABLE ticket_types (
    id             uuid        NOT NULL,
    event_id       uuid        NOT NULL,
    position       integer     NOT NULL,
    name           text        NOT NULL,
    description    text,
    price_minor    bigint      NOT NULL,
    currency       text        NOT NULL,
    quantity       integer     NOT NULL,
    max_per_person integer     NOT NULL,
    sales_from     timestamptz,
    sales_until    timestamptz,
    is_hidden      boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL,
    CONSTRAINT ticket_types_pkey PRIMARY KEY (id),
    CONSTRAINT ticket_types_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT ticket_types_price_positive CHECK (price_minor >= 0),
    CONSTRAINT ticket_types_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ticket_types_window_ordered CHECK (sales_until > sales_from)
);
CREATE INDEX ticket_types_event_idx ON ticket_types (event_id, position);

-- Which pools a ticket of a type takes a place from: its own, and the event's if there is one.
CREATE TABLE ticket_type_pools (
    ticket_type_id uuid NOT NULL,
    pool_id        uuid NOT NULL,
    CONSTRAINT ticket_type_pools_pkey PRIMARY KEY (ticket_type_id, pool_id),
    CONSTRAINT ticket_type_pools_type_fkey FOREIGN KEY (ticket_type_id) REFERENCES ticket_types (id) ON DELETE CASCADE,
    CONSTRAINT ticket_type_pools_pool_fkey FOREIGN KEY (pool_id) REFERENCES capacity_pools (id) ON DELETE CASCADE
);
CREATE INDEX ticket_type_pools_pool_idx ON ticket_type_pools (pool_id);
