//! The pages, without JavaScript.

use testkit::{Browser, Person};

use super::{World, audit, world};

async fn browser(w: &World, person: &Person) -> Browser {
    let browser = w.app.browser();
    let fields = [
        ("form[email]", &person.email[..]),
        ("form[password]", &person.password),
    ];
    let form = browser.submit("/rpc/log_in", "/login", &fields);
    form.send().await.expect(302);
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_whole_way_works_with_plain_forms() {
    let w = world(Some(1)).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    let (ana, ben) = (browser(&w, &ana).await, browser(&w, &ben).await);
    let page = format!("/events/{}", w.slug);
    let fields = |said| [("event", &w.slug[..]), ("party", "1"), ("answer", said)];

    let nobody = w.app.browser();
    let asked = nobody.submit("/rpc/answer_rsvp", &page, &fields("going"));
    let asked = asked.send().await.expect(302);
    assert!(asked.header("location").contains("/login?next="));

    let going = ana.submit("/rpc/answer_rsvp", &page, &fields("going"));
    let going = going.send().await.expect(302);
    assert!(going.header("location").ends_with("#rsvp"));
    let shown = ana.get(&page).send().await.expect(200).text();
    assert!(shown.contains("You are going.") && shown.contains("1 person is going"));

    let full = ben.submit("/rpc/answer_rsvp", &page, &fields("going"));
    let full = full.send().await.expect(302);
    assert!(full.header("location").contains("__err"));
    let shown = ben.get(&page).send().await.expect(200).text();
    assert!(shown.contains("Join the waiting list"), "{shown}");
    ben.submit("/rpc/answer_rsvp", &page, &fields("interested"))
        .send()
        .await
        .expect(302);
    let mine = ben.get("/tickets").send().await.expect(200).text();
    assert!(mine.contains("You are interested."), "{mine}");
    audit(&w.app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_organizer_sets_it_up_and_sees_who_answered() {
    let w = world(Some(3)).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 2).await.expect(200);
    let desk = browser(&w, &w.organizer).await;
    let editor = format!("/organizer/events/{}/edit", w.slug);
    let shown = desk.get(&editor).send().await.expect(200).text();
    assert!(shown.contains("People in one answer"), "{shown}");
    let fields = [
        ("event", &w.slug[..]),
        ("form[max_party]", "2"),
        ("form[ask_hours]", "24"),
        ("form[until_hours]", ""),
    ];
    let refused = desk.submit("/rpc/set_rsvp", &editor, &fields);
    let refused = refused.send().await.expect(302);
    assert!(refused.header("location").contains("__err"));
    let list = format!("/organizer/events/{}/rsvps", w.slug);
    let shown = desk.get(&list).send().await.expect(200).text();
    assert!(shown.contains("Going: 2.") && shown.contains("2 places"));
}
