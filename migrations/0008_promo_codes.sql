-- Promo codes, hidden ticket types that they open, and prices that buyers choose.
CREATE TABLE promo_codes (
    id                  uuid        NOT NULL,
    event_id            uuid        NOT NULL,
    code                text        NOT NULL, -- upper case
    kind                text        NOT NULL,
    percent             integer,
    amount_minor        bigint,
    currency            text,
    max_uses            integer,
    max_uses_per_person integer,
    valid_from          timestamptz,
    valid_until         timestamptz,
    -- What it makes cheaper; empty: everything. No table of its own: when a type is removed, a
    -- code for it alone must not become one for everything.
    ticket_type_ids     uuid[]      NOT NULL,
    unlocks             uuid[]      NOT NULL,
    is_active           boolean     NOT NULL,
    created_at          timestamptz NOT NULL,
    CONSTRAINT promo_codes_pkey PRIMARY KEY (id),
    CONSTRAINT promo_codes_event_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT promo_codes_code_key UNIQUE (event_id, code),
    CONSTRAINT promo_codes_kind_known CHECK (kind IN ('percent', 'amount', 'access')),
    CONSTRAINT promo_codes_percent_known CHECK (CASE kind WHEN 'percent' THEN coalesce(percent BETWEEN 1 AND 100, false) ELSE percent IS NULL END),
    CONSTRAINT promo_codes_amount_known CHECK (CASE kind WHEN 'amount' THEN coalesce(amount_minor > 0, false) AND currency IS NOT NULL
        ELSE amount_minor IS NULL AND currency IS NULL END),
    CONSTRAINT promo_codes_limits_positive CHECK (max_uses > 0 AND max_uses_per_person > 0),
    CONSTRAINT promo_codes_window_ordered CHECK (valid_until > valid_from)
);
CREATE INDEX promo_codes_event_idx ON promo_codes (event_id, id DESC);

-- How often a code is used is counted from the holds that carry it.
ALTER TABLE holds ADD COLUMN promo_code_id uuid;
ALTER TABLE holds ADD CONSTRAINT holds_promo_code_fkey FOREIGN KEY (promo_code_id) REFERENCES promo_codes (id);
CREATE INDEX holds_promo_code_idx ON holds (promo_code_id, account_id) WHERE promo_code_id IS NOT NULL;

-- What one ticket costs its buyer is unit_price_minor - unit_discount_minor.
ALTER TABLE hold_items ADD COLUMN unit_discount_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE hold_items ADD CONSTRAINT hold_items_discount_within_price CHECK (unit_discount_minor BETWEEN 0 AND unit_price_minor);

-- Where buyers choose what they pay, price_minor is the least.
ALTER TABLE ticket_types ADD COLUMN pricing text NOT NULL DEFAULT 'fixed';
ALTER TABLE ticket_types ADD CONSTRAINT ticket_types_pricing_known CHECK (pricing IN ('fixed', 'pay_what_you_want', 'donation'));
ALTER TABLE ticket_types ADD CONSTRAINT ticket_types_donation_from_zero CHECK (pricing <> 'donation' OR price_minor = 0);
ALTER TABLE ticket_types ADD COLUMN suggested_minor bigint;
ALTER TABLE ticket_types ADD CONSTRAINT ticket_types_suggested_fits CHECK (suggested_minor IS NULL OR (suggested_minor >= price_minor AND pricing <> 'fixed'));
