//! A mail server on this machine that takes mails, or fails as a test wants.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;

/// The password that logs in.
pub const PASSWORD: &str = "s3cret/";

/// How one mail goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such mailbox.
    NoMailbox,
    /// Not now: grey-listed.
    Later,
    /// The connection ends before the mail was taken.
    Drop,
    /// The mail is taken, and the connection ends without a word.
    DropAnswer,
    /// Nothing more is said.
    Silence,
}

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    messages: Vec<(String, String)>,
}

/// The server; it ends with this value.
pub struct MailServer {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let serving = TaskTracker::new().spawn(serve(listener, state.clone()));
        Self {
            port,
            state,
            serving,
        }
    }

    /// Its address with a login.
    pub fn url(&self, password: &str) -> String {
        let password = password.replace('/', "%2F");
        format!("smtp://tickets:{password}@127.0.0.1:{}", self.port)
    }

    /// The next mails go wrong like this, in order.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// Receiver and message of every mail that was taken, as often as it was.
    pub fn messages(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().messages.clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut talks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        talks.spawn(async move {
            // The client may hang up at any time.
            let _ = talk(stream, &state).await;
        });
    }
}

async fn talk(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 mail server").await?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line.split(' ').next().unwrap_or_default();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                say(
                    &mut stream,
                    "250-mail server\r\n250-8BITMIME\r\n250 AUTH PLAIN",
                )
                .await?;
            }
            "AUTH" if is_right(line) => say(&mut stream, "235 welcome").await?,
            "AUTH" => say(&mut stream, "535 wrong password").await?,
            "RCPT" => {
                to = between(line, '<', '>').to_owned();
                let fault = state.lock().unwrap().faults.front().copied();
                let answer = match fault {
                    Some(Fault::NoMailbox) => format!("550 5.1.1 <{to}> has no mailbox here"),
                    Some(Fault::Later) => format!("451 4.7.1 <{to}> try later"),
                    _ => "250 yes".to_owned(),
                };
                if !answer.starts_with("250") {
                    state.lock().unwrap().faults.pop_front();
                }
                say(&mut stream, &answer).await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let message = read_message(&mut stream).await?;
                let fault = state.lock().unwrap().faults.pop_front();
                if fault != Some(Fault::Drop) && fault != Some(Fault::Silence) {
                    state.lock().unwrap().messages.push((to.clone(), message));
                }
                match fault {
                    None => say(&mut stream, "250 taken").await?,
                    Some(Fault::Silence) => std::future::pending().await,
                    Some(_) => return Ok(()),
                }
            }
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return Ok(());
            }
            _ => say(&mut stream, "250 yes").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, answer: &str) -> std::io::Result<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await
}

/// Until the line with a dot alone; doubled dots are taken back (RFC 5321, section 4.5.2).
async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut raw = Vec::new();
    while !raw.ends_with(b"\r\n.\r\n") {
        raw.push(stream.read_u8().await?);
    }
    raw.truncate(raw.len() - 3);
    let text = String::from_utf8_lossy(&raw).replace("\r\n..", "\r\n.");
    Ok(text)
}

/// `AUTH PLAIN` with the right password (RFC 4616).
fn is_right(line: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let coded = line.rsplit(' ').next().unwrap_or_default();
    let plain = STANDARD.decode(coded).unwrap_or_default();
    plain == format!("\0tickets\0{PASSWORD}").as_bytes()
}

fn between(text: &str, from: char, to: char) -> &str {
    let rest = text.split_once(from).map_or(text, |(_, rest)| rest);
    rest.split_once(to).map_or(rest, |(inner, _)| inner)
}
