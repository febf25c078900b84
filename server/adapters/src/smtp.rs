//! Mails by SMTP (RFC 5321), handed to the installation's mail server.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MultiPart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{Error, extension::ClientId},
};
use secrecy::{ExposeSecret, SecretString};
use service::ports::{Mail, MailOutcome, Mailer, PortError};

/// What the mail server says to a mail that it will never take: no such mailbox, a text it does
/// not let through. Everything else may be right later, a wrong password too.
const NEVER: [&str; 6] = ["550", "551", "552", "553", "554", "556"];

/// Where the mail server is and who writes.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// `smtps://user:password@host:465`, or `smtp://…?tls=required` for STARTTLS.
    pub url: SecretString,
    /// `EventSphere <tickets@example.org>`.
    pub from: String,
    /// How long sending one mail may take.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// With the usual patience.
    pub fn new(url: SecretString, from: impl Into<String>) -> Self {
        Self {
            url,
            from: from.into(),
            timeout: Duration::from_secs(30),
        }
    }
}

/// Can mails be sent in this name: `EventSphere <tickets@example.org>`?
pub fn is_sender(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

/// Is this the address of a mail server: `smtps://user:password@host:465`?
pub fn is_server(url: &str) -> bool {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_ok()
}

/// The client of a mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}

impl Smtp {
    /// A client; connects when there is something to send. Inside a tokio runtime.
    ///
    /// # Errors
    /// When the address or the sender cannot be read. Neither is repeated: the address has a
    /// password.
    pub fn new(settings: &SmtpSettings) -> Result<Self, PortError> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| PortError::broken("the sender cannot be read"))?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.url.expose_secret())
            .map_err(|_| PortError::broken("the address cannot be read"))?;
        let transport = builder
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(settings.timeout))
            .build();
        Ok(Self {
            transport,
            from,
            timeout: settings.timeout,
        })
    }

    /// The mail as it goes over the wire (RFC 5322). The same mail is the same message: its id
    /// and date do not change.
    fn message(&self, mail: &Mail, to: Mailbox) -> Result<Message, Unsendable> {
        let id = format!("<{}@{}>", mail.id, self.from.email.domain());
        let alternatives = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let mut body = MultiPart::mixed().multipart(alternatives);
        for file in &mail.attachments {
            let kind = ContentType::parse(file.content_type)?;
            let part = Attachment::new(file.name.to_owned()).body(file.bytes.clone(), kind);
            body = body.singlepart(part);
        }
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .message_id(Some(id))
            .date(SystemTime::from(mail.created_at))
            .header(AutoSubmitted)
            .multipart(body)?;
        Ok(message)
    }
}

/// Why a message cannot be made.
type Unsendable = Box<dyn std::error::Error + Send + Sync>;

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        let Ok(to) = mail.to.parse::<Address>() else {
            return MailOutcome::Refused("mails cannot be sent to such an address".to_owned());
        };
        let Ok(message) = self.message(mail, Mailbox::new(None, to)) else {
            return MailOutcome::Refused("no message can be made of it".to_owned());
        };
        let sent = tokio::time::timeout(self.timeout, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => MailOutcome::Sent,
            Ok(Err(error)) => outcome_of(&error),
            Err(_) => MailOutcome::TryAgain("the mail server took too long".to_owned()),
        }
    }
}

/// What a failure means. The server's own words are left out: they often repeat the address.
fn outcome_of(error: &Error) -> MailOutcome {
    let Some(code) = error.status() else {
        return MailOutcome::TryAgain(error.to_string());
    };
    let code = code.to_string();
    let reason = format!("the mail server says {code}");
    if NEVER.contains(&code.as_str()) {
        MailOutcome::Refused(reason)
    } else {
        MailOutcome::TryAgain(reason)
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834, section 5): nobody's absence note answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Unsendable> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
