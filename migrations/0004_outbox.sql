-- Messages that leave with their transaction. The relay publishes unpublished rows in id order.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    message_id   uuid        NOT NULL,
    topic        text        NOT NULL,
    key          text        NOT NULL,
    kind         text        NOT NULL,
    payload      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    published_at timestamptz,
    -- Where the broker put it; shows a log that was lost.
    published_partition integer,
    published_offset    bigint,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_message_key UNIQUE (message_id)
);
CREATE INDEX outbox_unpublished_idx ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;
