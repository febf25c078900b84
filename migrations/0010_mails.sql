-- Mails that leave with the transaction of what they are about. A mail is written when it is sent,
-- so a row holds no text and no address.
CREATE TABLE mails (
    -- The Message-ID follows from it, so that receivers can tell a repetition.
    id         uuid        NOT NULL,
    kind       text        NOT NULL,
    order_id   uuid        NOT NULL,
    account_id uuid        NOT NULL, -- to whom
    state      text        NOT NULL,
    -- When it may be taken up; while somebody is sending it: when somebody else may.
    due_at     timestamptz NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text,
    sent_at    timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT mails_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT mails_kind_known CHECK (kind IN ('receipt')),
    CONSTRAINT mails_state_known CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    CONSTRAINT mails_sent_has_time CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT mails_failed_has_reason CHECK (state <> 'failed' OR last_error IS NOT NULL)
);
CREATE INDEX mails_due_idx ON mails (due_at) WHERE state IN ('queued', 'sending');
-- One of a kind is on its way at a time: asking again hurries it and makes no second one.
CREATE UNIQUE INDEX mails_open_key ON mails (order_id, kind) WHERE state IN ('queued', 'sending');
CREATE INDEX mails_order_idx ON mails (order_id);

-- What an installation keeps that sends no mails: development reads them on a page.
CREATE TABLE mailbox (
    id          uuid        NOT NULL, -- the mail's: the same mail twice is one
    recipient   text        NOT NULL,
    subject     text        NOT NULL,
    text_body   text        NOT NULL,
    html_body   text        NOT NULL,
    attachments text[]      NOT NULL, -- their names
    received_at timestamptz NOT NULL,
    CONSTRAINT mailbox_pkey PRIMARY KEY (id)
);
CREATE INDEX mailbox_received_idx ON mailbox (received_at DESC, id DESC);
