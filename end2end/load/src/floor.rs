//! The floor: axum answering "hello", in a process of its own.

use std::process::Stdio;

use anyhow::{Context, Result};
use axum::{Router, routing::get};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

use crate::client::Target;

/// The floor's process; ends with this value.
pub struct Floor {
    _child: Child,
    /// Where it listens.
    pub target: Target,
}

impl Floor {
    /// Starts this program again as the floor.
    pub async fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("floor")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().context("the floor's output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        Ok(Self {
            _child: child,
            target: Target::parse(line.trim())?,
        })
    }
}

/// Serves until killed; the first line printed is the address.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(get(|| async { "hello" }))).await?;
    Ok(())
}
