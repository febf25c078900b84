//! A mail server in memory.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use service::ports::{Mail, MailOutcome, Mailer};

use super::lock;

/// Takes mails and keeps them; answers from a script first.
#[derive(Debug, Default)]
pub struct MemoryMailer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<MailOutcome>,
    sent: Vec<Mail>,
    tries: u32,
}

impl MemoryMailer {
    /// The next answers, in order; behind them every mail is taken.
    pub fn will_answer(&self, outcomes: impl IntoIterator<Item = MailOutcome>) {
        lock(&self.state).script.extend(outcomes);
    }

    /// Every mail that was taken, as often as it was.
    pub fn sent(&self) -> Vec<Mail> {
        lock(&self.state).sent.clone()
    }

    /// How often it was asked.
    pub fn tries(&self) -> u32 {
        lock(&self.state).tries
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        let mut state = lock(&self.state);
        state.tries += 1;
        let outcome = state.script.pop_front().unwrap_or(MailOutcome::Sent);
        if outcome == MailOutcome::Sent {
            state.sent.push(mail.clone());
        }
        outcome
    }
}
