//! The pages of an offer, without JavaScript.

use testkit::Person;

use super::{audit, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_whole_way_works_with_plain_forms() {
    let w = world(0).await;
    let ticket = w.ticket().await;
    let browser = async |person: &Person| {
        let browser = w.app.browser();
        let fields = [
            ("form[email]", &person.email[..]),
            ("form[password]", &person.password),
        ];
        let answer = browser
            .submit("/rpc/log_in", "/login", &fields)
            .send()
            .await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        browser
    };
    let (ana, ben) = (browser(&w.ana).await, browser(&w.ben).await);
    let page = format!("/tickets/{ticket}");
    let form = |to| [("ticket", &ticket[..]), ("to", to), ("key", "k1")];

    let wrong = ana.submit("/rpc/offer_ticket", &page, &form("nobody-has-this"));
    let wrong = wrong.send().await.expect(302);
    let told = ana.get(path_of(wrong.header("location"))).send().await;
    assert!(told.text().contains("Nobody has this handle"));

    let made = ana.submit("/rpc/offer_ticket", &page, &form("eve@example.org"));
    let made = made.send().await.expect(302);
    let shown = ana.get(path_of(made.header("location"))).send().await;
    let shown = shown.expect(200).text();
    assert!(shown.contains("Offered to"), "{shown}");
    let link = shown.split("/transfers/").nth(1).expect("a link");
    let link = format!("/transfers/{}", link.split('"').next().unwrap());

    let nobody = w.app.browser().get(&link).send().await.expect(302);
    assert!(nobody.header("location").starts_with("/login?next="));
    let offer = ben.get(&link).send().await.expect(200).text();
    assert!(offer.contains("Accept the ticket"), "{offer}");
    let (id, key) = link["/transfers/".len()..].split_once("?key=").unwrap();
    let fields = [("transfer", id), ("link_key", key), ("key", "k2")];
    let accepted = ben.submit("/rpc/accept_transfer", &link, &fields);
    let accepted = accepted.send().await.expect(302);
    let mine = ben.get(path_of(accepted.header("location"))).send().await;
    let mine = mine.expect(200).text();
    assert!(mine.contains("This ticket is yours now.") && mine.contains("<svg"));

    let gone = ana.get(&page).send().await.expect(200).text();
    assert!(gone.contains("Passed on") && !gone.contains("ticket-qr"));
    audit(&w.app).await;
}

/// The path of an address, with its query.
fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    }
}
