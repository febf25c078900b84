//! Mails about answers: asked again, and lost the place.

use std::time::Duration;

use service::ports::Mail;

use super::{
    World,
    asking::{UNTIL_ASKED, UNTIL_DEADLINE, later},
    world,
};

/// The subjects of the mails to somebody, without receipts.
fn subjects(w: &World, email: &str) -> Vec<String> {
    let sent = w.app.mailer.sent().into_iter();
    let own = sent.filter(|mail| mail.to == email && mail.attachments.is_empty());
    own.map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn everybody_is_asked_once_and_told_what_they_lost() {
    let w = world(None).await;
    let (ana, ben) = (w.app.attendee().await, w.app.attendee().await);
    w.going(&ana, 2).await.expect(200);
    w.going(&ben, 1).await.expect(200);
    let [ana] = later(&w, UNTIL_ASKED, [&ana]).await;
    let asked = "Are you still coming to A picnic?";
    assert_eq!(subjects(&w, &ana.email), [asked]);
    let sent = w.app.mailer.sent();
    let is_it = |mail: &&Mail| mail.to == ana.email && mail.subject == asked;
    let mail = sent.iter().find(is_it).unwrap();
    for part in [
        "Hello Test attendee,".to_owned(),
        "you said that you are going, 2 of you.".to_owned(),
        format!("http://127.0.0.1:3000/events/{}#rsvp", w.slug),
    ] {
        assert!(mail.text.contains(&part), "{part} in {}", mail.text);
        assert!(mail.html.contains(&part), "{part} in {}", mail.html);
    }

    w.going(&ana, 2).await.expect(200);
    later(&w, UNTIL_DEADLINE, []).await;
    later(&w, Duration::from_hours(1), []).await;
    assert_eq!(subjects(&w, &ana.email), [asked]);
    let lost = "Your place at A picnic is free for others";
    assert_eq!(subjects(&w, &ben.email), [asked, lost]);
}

#[tokio::test]
async fn what_is_no_longer_so_is_not_sent() {
    let w = world(None).await;
    let ana = w.app.attendee().await;
    w.going(&ana, 1).await.expect(200);
    w.app.drain().await;
    w.app.advance(UNTIL_ASKED);
    service::rsvps::ask(&w.app.ctx()).await.unwrap();
    let ana = crate::orders::again(&w.app, &ana).await;
    w.going(&ana, 1).await.expect(200);
    w.app.drain().await;
    assert_eq!(subjects(&w, &ana.email), Vec::<String>::new());
}
