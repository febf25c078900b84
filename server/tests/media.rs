//! Images through the front door.

use std::time::Duration;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use testkit::{Answer, Person, TestApp};

struct Stage {
    app: TestApp,
    org: Person,
    event: String,
}

async fn stage() -> Stage {
    let app = TestApp::start().await;
    let org = app.organizer().await;
    let event = app.published_event(&org, 5, 0).await;
    Stage {
        app,
        org,
        event: format!("/api/v1/events/{}", event.event),
    }
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image: DynamicImage = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([
            u8::try_from(x % 256).unwrap(),
            u8::try_from(y % 256).unwrap(),
            90,
        ])
    })
    .into();
    let mut bytes = Vec::new();
    image
        .write_to(&mut std::io::Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

impl Stage {
    async fn upload(&self, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let media = format!("{}/media", self.event);
        self.app
            .post(&media)
            .bearer(&self.org.token)
            .multipart(fields, "x.txt", "text/plain", file)
            .send()
            .await
    }

    async fn objects(&self) -> Vec<String> {
        self.app.services.ports.blobs.list("media/").await.unwrap()
    }

    async fn media(&self) -> Vec<Value> {
        self.app.get(&self.event).send().await.expect(200).json()["media"]
            .as_array()
            .unwrap()
            .clone()
    }
}

#[tokio::test]
async fn an_image_becomes_variants_that_are_served_for_ever() {
    let stage = stage().await;
    let media = stage
        .upload(
            &[("kind", "cover"), ("caption", " The hall ")],
            &picture(800, 400, ImageFormat::Jpeg),
        )
        .await
        .expect(201)
        .json();
    assert_eq!(
        (
            &media["kind"],
            &media["caption"],
            &media["width"],
            &media["height"]
        ),
        (
            &json!("cover"),
            &json!("The hall"),
            &json!(800),
            &json!(400)
        )
    );
    let widths: Vec<_> = media["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["width"].as_u64().unwrap())
        .collect();
    assert_eq!(widths, [320, 640, 800]);
    assert_eq!(media["url"], media["variants"][2]["url"]);
    let url = media["variants"][0]["url"].as_str().unwrap();
    let image = stage.app.get(url).send().await.expect(200);
    assert_eq!(image.header("content-type"), "image/webp");
    assert_eq!(image.header("x-content-type-options"), "nosniff");
    assert!(image.header("cache-control").contains("immutable"));
    let read = image::load_from_memory(&image.bytes).unwrap();
    assert_eq!((read.width(), read.height()), (320, 160));
    let share = stage
        .app
        .get(media["share_url"].as_str().unwrap())
        .send()
        .await
        .expect(200);
    assert_eq!(share.header("content-type"), "image/jpeg");
    assert_eq!(stage.media().await, std::slice::from_ref(&media));
    let list = stage.app.get("/api/v1/events").send().await.json();
    assert_eq!(list["items"][0]["media"], json!([media]));
    let other = url.rsplit_once('/').unwrap().0;
    for missing in ["w1.webp", "share.png", "..%2f..%2fx", "%00"] {
        assert_eq!(
            stage
                .app
                .get(&format!("{other}/{missing}"))
                .send()
                .await
                .status,
            404,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn one_of_a_single_kind_replaces_the_one_before_and_the_gallery_grows() {
    let stage = stage().await;
    let first = stage
        .upload(&[("kind", "cover")], &picture(100, 50, ImageFormat::Png))
        .await
        .expect(201)
        .json();
    let second = stage
        .upload(&[("kind", "cover")], &picture(120, 50, ImageFormat::WebP))
        .await
        .expect(201)
        .json();
    assert_eq!(
        stage
            .app
            .get(first["url"].as_str().unwrap())
            .send()
            .await
            .status,
        404
    );
    stage
        .upload(&[("kind", "gallery")], &picture(50, 50, ImageFormat::Gif))
        .await
        .expect(201)
        .json();
    stage
        .upload(&[("kind", "gallery")], &picture(50, 50, ImageFormat::Png))
        .await
        .expect(201)
        .json();
    let kinds: Vec<_> = stage
        .media()
        .await
        .iter()
        .map(|media| media["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["cover", "gallery", "gallery"]);
    assert_eq!(stage.media().await[0]["id"], second["id"]);
    assert_eq!(
        stage.objects().await.len(),
        4,
        "a variant and a preview of the cover, a variant of each of the others"
    );
}

#[tokio::test]
async fn deleting_an_image_removes_its_objects() {
    let stage = stage().await;
    let media = stage
        .upload(&[("kind", "poster")], &picture(700, 900, ImageFormat::Png))
        .await
        .expect(201)
        .json();
    assert_eq!(stage.objects().await.len(), 3);
    let at = format!("{}/media/{}", stage.event, media["id"].as_str().unwrap());
    let other = stage.app.organizer().await;
    stage
        .app
        .delete(&at)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    stage
        .app
        .delete(&at)
        .bearer(&other.token)
        .send()
        .await
        .expect_problem(403, "forbidden");
    let gone = stage.app.delete(&at).bearer(&stage.org.token).send().await;
    assert_eq!(gone.status, 204);
    assert_eq!(stage.objects().await, [""; 0]);
    assert_eq!(stage.media().await, Vec::<serde_json::Value>::new());
    stage
        .app
        .delete(&at)
        .bearer(&stage.org.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    stage
        .app
        .delete(&format!("{}/media/x", stage.event))
        .bearer(&stage.org.token)
        .send()
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn what_is_no_image_is_refused() {
    let stage = stage().await;
    let cover = [("kind", "cover")];
    for other in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"[..],
        b"<html>",
        b"%PDF-1.7",
        b"text",
    ] {
        stage
            .upload(&cover, other)
            .await
            .expect_problem(415, "unsupported_media");
    }
    let mut half = picture(300, 300, ImageFormat::Png);
    half.truncate(300);
    let broken = stage.upload(&cover, &half).await;
    assert_eq!(
        (broken.status.as_u16(), broken.fields()),
        (422, vec!["file".to_owned()])
    );
    assert_eq!(stage.upload(&cover, b"").await.fields(), ["file"]);
    stage
        .upload(&cover, &vec![0xff; 10 * 1024 * 1024 + 1])
        .await
        .expect_problem(413, "payload_too_large");
    stage
        .upload(&cover, &vec![0xff; 12 * 1024 * 1024])
        .await
        .expect_problem(413, "payload_too_large");
    let png = picture(10, 10, ImageFormat::Png);
    assert_eq!(stage.upload(&[], &png).await.fields(), ["kind"]);
    assert_eq!(
        stage.upload(&[("kind", "selfie")], &png).await.fields(),
        ["kind"]
    );
    assert_eq!(
        stage
            .upload(&[("kind", "cover"), ("caption", &"x".repeat(301))], &png)
            .await
            .fields(),
        ["caption"]
    );
    assert_eq!(
        stage
            .upload(&[("kind", "cover"), ("owner", "me")], &png)
            .await
            .fields(),
        ["owner"]
    );
    let media = format!("{}/media", stage.event);
    stage
        .app
        .post(&media)
        .bearer(&stage.org.token)
        .json(json!({}))
        .send()
        .await
        .expect_problem(415, "unsupported_media");
    let broken = stage
        .app
        .post(&media)
        .bearer(&stage.org.token)
        .body("multipart/form-data; boundary=x", "nonsense")
        .send()
        .await;
    broken.expect_problem(400, "malformed");
    assert_eq!(stage.objects().await, [""; 0]);
}

#[tokio::test]
async fn without_the_object_store_nothing_is_half_done() {
    let stage = stage().await;
    let png = picture(700, 350, ImageFormat::Png);
    stage.app.blobs.switch.set_down(true);
    stage
        .upload(&[("kind", "cover")], &png)
        .await
        .expect_problem(503, "storage_unavailable");
    assert_eq!(stage.media().await, Vec::<serde_json::Value>::new());
    stage.app.blobs.switch.set_down(false);
    let media = stage
        .upload(&[("kind", "cover")], &png)
        .await
        .expect(201)
        .json();
    // Away while an image is removed: the row goes now, the objects when the store is back.
    stage.app.blobs.switch.set_down(true);
    let at = format!("{}/media/{}", stage.event, media["id"].as_str().unwrap());
    assert_eq!(
        stage
            .app
            .delete(&at)
            .bearer(&stage.org.token)
            .send()
            .await
            .status,
        204
    );
    assert_eq!(stage.media().await, Vec::<serde_json::Value>::new());
    stage.app.blobs.switch.set_down(false);
    assert_eq!(stage.objects().await.len(), 4);
    stage.app.drain().await;
    assert_eq!(stage.objects().await, [""; 0]);
}

#[tokio::test]
async fn objects_of_an_upload_that_died_are_swept() {
    let stage = stage().await;
    let keys = ["media/00/w320.webp".to_owned()];
    let mut conn = stage.app.services.db.conn().await.unwrap();
    let due = stage.app.ctx().now() + Duration::from_hours(1);
    store::media::add_orphans(&mut conn, &keys, due)
        .await
        .unwrap();
    drop(conn);
    let blob = service::ports::Blob {
        content_type: "image/webp".into(),
        bytes: vec![1],
    };
    stage
        .app
        .services
        .ports
        .blobs
        .put(&keys[0], blob)
        .await
        .unwrap();
    assert_eq!(
        service::media::sweep(&stage.app.ctx()).await.unwrap(),
        0,
        "it may still be under way"
    );
    stage.app.advance(Duration::from_secs(3601));
    assert_eq!(service::media::sweep(&stage.app.ctx()).await.unwrap(), 1);
    assert_eq!(stage.objects().await, [""; 0]);
}
