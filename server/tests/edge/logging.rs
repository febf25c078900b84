//! What the log says unless somebody asks for more.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use server::config;
use testkit::TestApp;
use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines of a visit with a session's cookie that is long gone.
async fn lines_of_a_stale_cookie(filter: &str) -> String {
    let app = TestApp::start().await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter.parse::<EnvFilter>().unwrap())
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);
    app.get("/")
        .header("cookie", "session=AAAAAAAAAAAAAAAAAAAAAA")
        .send()
        .await
        .expect(200);
    drop(logging);
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn a_stale_cookie_is_no_warning() {
    let command = config::command();
    let log = command.get_arguments().find(|arg| arg.get_id() == "log");
    let filter = log.unwrap().get_default_values()[0].to_str().unwrap();
    let usual = lines_of_a_stale_cookie(filter).await;
    assert!(
        usual.contains("http.route") && !usual.contains("WARN"),
        "{usual}"
    );
    let all = lines_of_a_stale_cookie("info").await;
    let is_warning = |line: &str| line.contains("WARN") && line.contains("tower_sessions");
    assert!(all.lines().any(is_warning), "{all}");
}
