//! Processes: services that outlive the command, and steps that must not.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::interrupt::{self, Interrupted};

/// A process told from a later one with the same number by the time it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The process number.
    pub pid: i32,
    /// When it began, in the words of the system.
    began: String,
}

impl Identity {
    /// The identity of a process that runs now.
    pub fn of(pid: i32) -> Option<Self> {
        began(pid).map(|began| Self { pid, began })
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        began(self.pid).as_deref() == Some(self.began.as_str())
    }

    /// Sends a signal if the process still runs.
    pub fn signal(&self, signal: Signal) {
        if self.is_alive() {
            // Gone in between is as good as signalled.
            let _ = signal::kill(Pid::from_raw(self.pid), signal);
        }
    }

    /// Asks the process to end and insists after `patience`.
    pub async fn stop(&self, polite: Signal, insist: Signal, patience: Duration) {
        self.signal(polite);
        if self.wait_gone(patience).await {
            return;
        }
        self.signal(insist);
        if !self.wait_gone(Duration::from_secs(5)).await {
            let _ = signal::killpg(Pid::from_raw(self.pid), Signal::SIGKILL);
            self.wait_gone(Duration::from_secs(5)).await;
        }
    }

    async fn wait_gone(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() > until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        true
    }
}

/// When a process began; nothing if there is none or only its remains.
#[cfg(target_os = "linux")]
fn began(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything; the fields after it are plain.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (state, ticks) = (fields.first()?, fields.get(19)?);
    if matches!(*state, "Z" | "X") {
        return None;
    }
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Some(format!("{} {ticks}", boot.trim()))
}

/// When a process began; nothing if there is none or only its remains.
#[cfg(not(target_os = "linux"))]
fn began(pid: i32) -> Option<String> {
    let output = Command::new("ps")
        .args(["-o", "state=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (state, began) = text.trim().split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| began.trim().to_owned())
}

/// Starts a service of its own process group, with its output in a log file.
pub fn spawn_service(mut command: Command, log: &Path) -> Result<Identity> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = File::options().create(true).append(true).open(log)?;
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let pid = i32::try_from(child.id())?;
    Identity::of(pid).with_context(|| format!("{program} ended at once"))
}

/// Processes whose command line mentions `needle`: services whose record was lost.
pub fn mentioning(needle: &str) -> Vec<Identity> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let own = std::process::id().to_string();
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| *name != own && name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|name| {
            fs::read(format!("/proc/{name}/cmdline")).is_ok_and(|line| {
                String::from_utf8_lossy(&line)
                    .split('\0')
                    .any(|a| a == needle)
            })
        })
        .filter_map(|name| Identity::of(name.parse().ok()?))
        .collect()
}

/// A step in a process group of its own that ends with us, whatever ends us.
pub struct Step {
    child: tokio::process::Child,
    group: Option<Pid>,
}

impl Step {
    /// Starts the step; its output goes where the command says.
    pub fn spawn(command: Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw);
        Ok(Self { child, group })
    }

    /// Waits for its end; an interrupt ends it and is an error.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let status = tokio::select! {
            status = self.child.wait() => status?,
            () = interrupt::requested() => {
                self.stop(Duration::from_secs(25)).await;
                return Err(Interrupted.into());
            }
        };
        if let Some(group) = self.group.take() {
            // What the step left behind (browsers, watchers) ends with it.
            let _ = signal::killpg(group, Signal::SIGTERM);
        }
        Ok(status)
    }

    /// Its process number while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Its status if it has ended by itself.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Sends a signal to its first process alone, waits for its end, then kills what is left
    /// of its group.
    pub async fn end_by(&mut self, signal: Signal, patience: Duration) {
        let Some(group) = self.group.take() else {
            return;
        };
        let _ = signal::kill(group, signal);
        let _ = tokio::time::timeout(patience, self.child.wait()).await;
        let _ = signal::killpg(group, Signal::SIGKILL);
        let _ = self.child.wait().await;
    }

    /// Ends it politely, then not.
    pub async fn stop(&mut self, patience: Duration) {
        let Some(group) = self.group else { return };
        let _ = signal::killpg(group, Signal::SIGTERM);
        if tokio::time::timeout(patience, self.child.wait())
            .await
            .is_ok()
        {
            self.group = None;
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        let Some(group) = self.group else { return };
        let _ = signal::killpg(group, Signal::SIGTERM);
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = signal::killpg(group, Signal::SIGKILL);
    }
}

/// Runs a step to its end, its output on the terminal.
pub async fn run(command: Command) -> Result<ExitStatus> {
    Step::spawn(command)?.wait().await
}

/// Runs a step to its end; each line of its output is shown and also given to `see`.
pub async fn run_seeing(mut command: Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    command.stdout(Stdio::piped());
    let mut step = Step::spawn(command)?;
    let output = step.child.stdout.take().context("no output to read")?;
    let mut lines = BufReader::new(output).split(b'\n');
    let read = async {
        while let Some(line) = lines.next_segment().await? {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            see(&line);
        }
        anyhow::Ok(())
    };
    let (status, read) = tokio::join!(step.wait(), read);
    read?;
    status
}

/// Runs a short command and returns what it printed, if it succeeded.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a step to its end, its output in a log file.
pub async fn run_logged(mut command: Command, log: &Path) -> Result<ExitStatus> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = File::create(log)?;
    command.stdout(file.try_clone()?).stderr(file);
    run(command).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Command {
        let mut command = Command::new("sleep");
        command.arg("60");
        command
    }

    #[tokio::test]
    async fn a_service_is_alive_until_it_is_stopped() {
        let log = std::env::temp_dir().join(format!("dev-process-{}.log", std::process::id()));
        let service = spawn_service(sleeper(), &log).expect("sleep starts");
        assert!(service.is_alive());
        service
            .stop(Signal::SIGTERM, Signal::SIGKILL, Duration::from_secs(5))
            .await;
        assert!(!service.is_alive());
        fs::remove_file(log).expect("the log was made");
    }

    #[test]
    fn another_process_with_the_same_number_is_a_stranger() {
        let own = i32::try_from(std::process::id()).expect("a process number");
        let mut identity = Identity::of(own).expect("we run");
        assert!(identity.is_alive());
        identity.began.push('0');
        assert!(!identity.is_alive());
    }

    #[tokio::test]
    async fn a_dropped_step_takes_its_whole_group_along() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 61 & wait"]);
        let step = Step::spawn(shell).expect("sh starts");
        let group = step.group.expect("it has a group");
        drop(step);
        let until = Instant::now() + Duration::from_secs(5);
        while signal::killpg(group, None).is_ok() {
            assert!(Instant::now() < until, "the group outlived the step");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
