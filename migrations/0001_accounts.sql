-- Accounts, their logins, web sessions and refresh tokens.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS cube;
CREATE EXTENSION IF NOT EXISTS earthdistance;

CREATE TABLE accounts (
    id             uuid        NOT NULL,
    handle         text        NOT NULL,
    name           text        NOT NULL,
    email          text        NOT NULL,
    email_verified boolean     NOT NULL DEFAULT false,
    password_hash  text        NOT NULL,
    role           text        NOT NULL,
    bio            text,
    avatar_url     text,
    time_zone      text        NOT NULL DEFAULT 'UTC',
    locale         text        NOT NULL DEFAULT 'en',
    version        bigint      NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_role_known CHECK (role IN ('attendee', 'organizer', 'admin'))
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email));
CREATE UNIQUE INDEX accounts_handle_key ON accounts (lower(handle));

-- One login of one device. Revoking the row ends the session or the token family.
CREATE TABLE logins (
    id           uuid        NOT NULL,
    account_id   uuid        NOT NULL,
    kind         text        NOT NULL,
    user_agent   text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    revoked_at   timestamptz,
    CONSTRAINT logins_pkey PRIMARY KEY (id),
    CONSTRAINT logins_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT logins_kind_known CHECK (kind IN ('web', 'app'))
);
CREATE INDEX logins_account_idx ON logins (account_id) WHERE revoked_at IS NULL;
CREATE INDEX logins_revoked_idx ON logins (revoked_at) WHERE revoked_at IS NOT NULL;

-- Server-side sessions of the web site. `id_hash` is SHA-256 of the cookie's value.
CREATE TABLE sessions (
    id_hash    bytea       NOT NULL,
    data       bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id_hash)
);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

-- Refresh tokens: every use makes the next one; the login is their family.
CREATE TABLE refresh_tokens (
    token_hash      bytea       NOT NULL,
    login_id        uuid        NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    -- The Idempotency-Key of the use: a phone that lost the answer asks again with it.
    -- The answer is not kept, it follows from the token, the instant and the server's secret.
    used_key        text,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_login_fkey FOREIGN KEY (login_id) REFERENCES logins (id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_login_idx ON refresh_tokens (login_id);
CREATE INDEX refresh_tokens_expires_idx ON refresh_tokens (expires_at);

-- Counters of rate limits, shared by all processes (GCRA: the theoretical arrival time).
-- The key is a digest: no address and no e-mail is kept.
CREATE TABLE rate_limits (
    key        text        NOT NULL,
    tat        timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);
CREATE INDEX rate_limits_tat_idx ON rate_limits (tat);
