//! The checker is checked: a clean rush passes, and every kind of damage is reported by name.

use std::{convert::Infallible, time::Duration};

use sqlx::AssertSqlSafe;
use store::{Db, Tx};
use testkit::TestApp;

use super::{
    attack,
    check::{self, Faults, Finding},
    journal::{Counts, Journal},
    open, settle,
    stage::{Size, Stage},
    table,
};

const SIZE: Size = Size {
    attempts: 400,
    places: 90,
    seconds: 60,
    in_line: 2,
    clients: 16,
    seed: 7,
};

/// A server whose rush is over.
struct After {
    // Serves until it is dropped.
    _app: TestApp,
    url: String,
    db: Db,
    journal: Journal,
}

/// Plays a small rush; `before` is done to the rows first.
async fn rush(before: &[&str]) -> After {
    let mut app = TestApp::start().await;
    let url = app.serve().await;
    let db = Db::connect(app.database().url(), 3).await.unwrap();
    for sql in before {
        app.database().execute(sql).await;
    }
    let shop = open(std::slice::from_ref(&url), SIZE.clients).unwrap();
    let stage = Stage::build(&shop, SIZE).await.unwrap();
    let mut journal = tokio::select! {
        journal = attack::run(&shop, &db, stage) => journal.unwrap(),
        never = leases_end(&app) => match never {},
    };
    let shop = open(std::slice::from_ref(&url), SIZE.clients)
        .unwrap()
        .patient();
    settle::leave_the_line(&shop, &mut journal).await;
    for (table, time) in [("holds", "expires_at"), ("payments", "leased_until")] {
        let earlier = format!("UPDATE {table} SET {time} = {time} - interval '1 day'");
        app.database().execute(&earlier).await;
    }
    app.drain().await;
    settle::quiet(&db, &mut journal).await.unwrap();
    settle::sell_the_rest(&shop, &mut journal).await.unwrap();
    After {
        _app: app,
        url,
        db,
        journal,
    }
}

/// As if a minute passed again and again: who hung up while the provider was being asked gets
/// an answer then. The clock stands still, so that nobody's login ends.
async fn leases_end(app: &TestApp) -> Infallible {
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for (table, open) in [
            ("payments", "state IN ('asked', 'unknown')"),
            ("idempotency_keys", "state = 'running'"),
        ] {
            // Waits for nobody, so that nobody meets it in a deadlock.
            let earlier = format!(
                "UPDATE {table} SET leased_until = leased_until - interval '1 minute'
                 WHERE ctid IN (SELECT ctid FROM {table} WHERE {open} FOR UPDATE SKIP LOCKED)"
            );
            app.database().execute(&earlier).await;
        }
    }
}

impl After {
    async fn findings(&self) -> Vec<Finding> {
        let shop = open(std::slice::from_ref(&self.url), 4).unwrap();
        check::everything(&shop, &self.db, &self.journal, &Faults::default())
            .await
            .unwrap()
    }

    /// What the rows are found to be after this damage, which is undone again.
    async fn damaged_by(&self, sql: &str) -> Vec<Finding> {
        let mut tx: Tx = self.db.begin().await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        check::rows(&mut tx, &self.journal).await.unwrap()
    }
}

fn count(findings: &[Finding], name: &str) -> i64 {
    let finding = findings.iter().find(|finding| finding.name == name);
    finding
        .unwrap_or_else(|| panic!("nothing is called {name}"))
        .count
}

/// Damage, and what the checker must call it.
const DAMAGES: [(&str, &str); 21] = [
    (
        "an acknowledged ticket is lost",
        "acknowledged but missing: DELETE FROM tickets WHERE id = (SELECT ticket.id FROM tickets ticket
            WHERE ticket.status = 'valid'
                AND NOT EXISTS (SELECT FROM transfers WHERE ticket.id IN (ticket_id, new_ticket_id)) LIMIT 1)",
    ),
    (
        "an acknowledged return is undone",
        "acknowledged but missing: UPDATE tickets SET status = 'valid'
            WHERE id = (SELECT id FROM tickets WHERE status = 'refunded' LIMIT 1)",
    ),
    (
        "an acknowledged order is cancelled",
        "acknowledged but missing: UPDATE orders SET status = 'cancelled'
            WHERE id = (SELECT id FROM orders WHERE status = 'paid' LIMIT 1)",
    ),
    (
        "a released hold lives on",
        "acknowledged but missing: UPDATE holds SET status = 'held'
            WHERE id = (SELECT id FROM holds WHERE status = 'released' LIMIT 1)",
    ),
    (
        "a call had its effect twice",
        "double effects: CREATE TEMP TABLE twin ON COMMIT DROP AS
                SELECT hold.*, gen_random_uuid() AS new_id, ordered.id AS order_id
                FROM holds hold JOIN orders ordered ON ordered.hold_id = hold.id WHERE ordered.status = 'paid' LIMIT 1;
            INSERT INTO holds SELECT new_id, event_id, account_id, status, total_minor, currency, expires_at, created_at FROM twin;
            INSERT INTO hold_items SELECT new_id, position, ticket_type_id, quantity, unit_price_minor, name
                FROM hold_items JOIN twin ON twin.id = hold_id;
            INSERT INTO orders (id, hold_id, event_id, account_id, status, payment_state, total_minor, currency, created_at, updated_at)
                SELECT gen_random_uuid(), new_id, event_id, account_id, 'paid', 'none', total_minor, currency, created_at, created_at FROM twin",
    ),
    (
        "an order has a ticket too many",
        "double effects: INSERT INTO tickets (id, order_id, event_id, ticket_type_id, account_id, code, status, holder_name, created_at)
            SELECT gen_random_uuid(), order_id, event_id, ticket_type_id, account_id, 'TWICE', status, holder_name, created_at
            FROM tickets WHERE status = 'valid' LIMIT 1",
    ),
    (
        "counters lie",
        "counters that drifted: UPDATE capacity_pools SET sold = sold - 1 WHERE sold > 0",
    ),
    (
        "more was sold than there is",
        "oversold: ALTER TABLE capacity_pools DROP CONSTRAINT capacity_pools_never_oversold;
            UPDATE capacity_pools SET capacity = capacity - 7",
    ),
    (
        "places were kept back",
        "unsold while demand remained: UPDATE capacity_pools SET capacity = capacity + 3",
    ),
    (
        "a refund is forgotten",
        "orders whose money is wrong: DELETE FROM refunds WHERE id = (SELECT id FROM refunds LIMIT 1)",
    ),
    (
        "a refund is made twice",
        "orders whose money is wrong: INSERT INTO refunds
            SELECT gen_random_uuid(), order_id, payment_id, amount_minor, currency, reason, state, leased_until, attempts, created_at, updated_at
            FROM refunds LIMIT 1",
    ),
    (
        "a payment is not the total",
        "taken but not ordered: UPDATE payments SET amount_minor = amount_minor - 1
            WHERE id = (SELECT id FROM payments WHERE state = 'succeeded' LIMIT 1)",
    ),
    (
        "a ticket hangs on an order that was not paid",
        "tickets without an order: UPDATE tickets SET order_id = (SELECT id FROM orders WHERE status = 'cancelled' LIMIT 1)
            WHERE id = (SELECT id FROM tickets WHERE status = 'valid' LIMIT 1)",
    ),
    (
        "an accepted transfer is undone",
        "acknowledged but missing: UPDATE tickets SET status = 'valid'
            WHERE id = (SELECT id FROM tickets WHERE status = 'transferred' LIMIT 1)",
    ),
    (
        "an accepted ticket is somebody else's",
        "acknowledged but missing: UPDATE tickets SET account_id = transfer.giver_id
            FROM (SELECT new_ticket_id, giver_id FROM transfers WHERE status = 'accepted' LIMIT 1) transfer
            WHERE id = transfer.new_ticket_id",
    ),
    (
        "a ticket that was passed on has no successor",
        "orders without their tickets: CREATE TEMP TABLE lost ON COMMIT DROP AS
                SELECT transfer.id, transfer.new_ticket_id FROM transfers transfer
                WHERE transfer.status = 'accepted'
                    AND NOT EXISTS (SELECT FROM transfers later WHERE later.ticket_id = transfer.new_ticket_id) LIMIT 1;
            DELETE FROM transfers WHERE id IN (SELECT id FROM lost);
            DELETE FROM tickets WHERE id IN (SELECT new_ticket_id FROM lost)",
    ),
    (
        "a ticket that was passed on has two successors",
        "double effects: INSERT INTO tickets (id, order_id, event_id, ticket_type_id, account_id, code, status, holder_name, created_at)
            SELECT gen_random_uuid(), order_id, event_id, ticket_type_id, account_id, 'TWICE', 'valid', holder_name, created_at
            FROM tickets WHERE id = (SELECT new_ticket_id FROM transfers WHERE status = 'accepted' LIMIT 1)",
    ),
    (
        "a ticket is passed on and nobody was told",
        "double effects: UPDATE tickets SET status = 'transferred'
            WHERE id = (SELECT id FROM tickets WHERE status = 'valid' LIMIT 1)",
    ),
    (
        "a place in line is lost",
        "acknowledged but missing: DELETE FROM waiting_list_entries WHERE id = (SELECT id FROM waiting_list_entries LIMIT 1)",
    ),
    (
        "somebody joined the line twice by one call",
        "double effects: INSERT INTO waiting_list_entries (id, event_id, ticket_type_id, account_id, quantity, status, created_at)
            SELECT gen_random_uuid(), event_id, ticket_type_id, account_id, quantity, status, created_at
            FROM waiting_list_entries LIMIT 1",
    ),
    (
        "places were kept for nobody",
        "double effects: INSERT INTO holds (id, event_id, account_id, status, total_minor, currency, expires_at, created_at)
            SELECT gen_random_uuid(), event_id, account_id, 'expired', total_minor, currency, expires_at, created_at
            FROM holds WHERE waiting_list_entry_id IS NOT NULL LIMIT 1",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_clean_rush_is_clean_and_every_damage_to_it_is_reported() {
    let mut after = rush(&[]).await;

    let findings = after.findings().await;
    table::print(&findings);
    table::verdict(&findings).unwrap();
    assert_eq!(count(&findings, "attempts"), 400);
    for some in [
        "answers dropped by clients",
        "repetitions compared",
        "given back",
        "tickets passed on",
        "places in line",
        "offers taken",
    ] {
        assert!(count(&findings, some) > 0, "{some}");
    }
    for (damage, what) in DAMAGES {
        let (name, sql) = what.split_once(": ").unwrap();
        let found = after.damaged_by(sql).await;
        assert!(count(&found, name) > 0, "{damage}, and nothing is {name}");
        assert!(table::verdict(&found).is_err(), "{damage}");
    }
    table::verdict(&after.findings().await).unwrap();
    let counts = after.journal.counts.clone();
    for (name, notice) in NOTICES {
        after.journal.counts = counts.clone();
        notice(&mut after.journal.counts);
        assert_eq!(count(&after.findings().await, name), 1, "{name}");
    }
}

/// A finding's name, and how it gets into the counts.
type Notice = (&'static str, fn(&mut Counts));

/// What only clients can notice, noticed.
const NOTICES: [Notice; 5] = [
    ("clients without an answer", |counts| counts.unanswered = 1),
    ("unexpected answers", |counts| counts.unexpected = 1),
    ("repetitions with other bytes", |counts| {
        counts.differing = 1;
    }),
    ("found by audits", |counts| {
        counts.found_by_audits.push("a pool".into());
    }),
    ("not settled in time", |counts| counts.left_open = 1),
];

/// What a missing lock would do: some of the counters' updates are lost, and nothing refuses
/// the last place twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_that_lose_updates_oversell_and_that_is_reported() {
    let after = rush(&[
        "ALTER TABLE capacity_pools DROP CONSTRAINT capacity_pools_never_oversold",
        "CREATE SEQUENCE updates",
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.sold > OLD.sold AND nextval('updates') % 2 = 0 THEN NEW.sold := OLD.sold; END IF;
            RETURN NEW;
        END $$",
        "CREATE TRIGGER lose BEFORE UPDATE ON capacity_pools FOR EACH ROW EXECUTE FUNCTION lose()",
    ])
    .await;

    let findings = after.findings().await;

    assert!(count(&findings, "oversold") > 0);
    assert!(count(&findings, "counters that drifted") > 0);
    assert!(!check::at_any_moment(&after.db).await.unwrap().is_empty());
}
