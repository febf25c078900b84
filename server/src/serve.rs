//! The life of a process: start, serve, work, stop without losing anything.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, serve::ListenerExt};
use clap::ValueEnum;
use service::{Ctx, Services, accounts, clock, ports::PortError, waiting_room};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::openapi,
    config::Config,
    seed,
    web::{self, Edge},
    wire, worker,
};

/// How often a process learns which logins were revoked by others.
const LOGINS_EVERY: Duration = Duration::from_millis(250);

/// How long to wait for an engine that was away.
const ENGINE_AGAIN: Duration = Duration::from_secs(5);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Everything.
    All,
    /// Pages, API, files.
    Web,
    /// Relay, consumers, jobs.
    Worker,
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// When the settings are not complete, Postgres cannot be reached or the address is taken.
pub async fn run(config: &Config, role: Role) -> anyhow::Result<()> {
    let services = wire::services(config).await?;
    services
        .db
        .migrate()
        .await
        .context("cannot bring the database to this program's schema")?;
    let ctx = Ctx::system(services.clone());
    clock::synchronize(&ctx)
        .await
        .map_err(|error| anyhow::anyhow!("cannot read Postgres' clock: {error}"))?;
    accounts::poll_revoked(&ctx)
        .await
        .map_err(|error| anyhow::anyhow!("cannot read revoked logins: {error}"))?;
    waiting_room::tend(&ctx)
        .await
        .map_err(|error| anyhow::anyhow!("cannot read waiting rooms: {error}"))?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(poll_logins(ctx.clone(), stop.clone()));
    tasks.spawn(worker::keep_time(ctx.clone(), stop.clone()));
    tasks.spawn(worker::tend_rooms(ctx.clone(), stop.clone()));
    tasks.spawn(stop.clone().run_until_cancelled_owned(prepare(ctx.clone())));
    if role != Role::Web {
        tasks.spawn(worker::run(services.clone(), stop.clone()));
    }
    stop_on_signal(&stop)?;
    if role == Role::Worker {
        println!("working; stop with Ctrl-C");
        stop.cancelled().await;
    } else {
        let router = web::router(&services, &Edge::of(config)?);
        serve(config, &ctx, router, &stop).await?;
    }
    drain(&tasks, &services, config).await;
    Ok(())
}

async fn serve(
    config: &Config,
    ctx: &Ctx,
    router: Router,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.addr).await;
    let listener =
        listener.with_context(|| format!("cannot listen on {} (EVENTSPHERE_ADDR)", config.addr))?;
    // Small answers must not wait for more to send.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    announce(config, ctx).await;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving =
        axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let patience = Duration::from_secs(config.shutdown_seconds.into());
    tokio::select! {
        result = serving => result.context("the listener failed"),
        // Answers that stream for ever must not keep the process.
        () = async { stop.cancelled().await; tokio::time::sleep(patience).await } => {
            tracing::warn!("some answers were not finished in time");
            Ok(())
        }
    }
}

/// Where to go now, for whoever started this.
async fn announce(config: &Config, ctx: &Ctx) {
    let url = config.public_url();
    println!("site      {url}");
    println!("API docs  {url}{}", openapi::DOCS);
    if ctx.ports().mailer.is_none() {
        println!("mailbox   {url}{}", web::MAILBOX);
    }
    for login in seed::logins(ctx).await {
        println!(
            "log in as {:<10} {}  {}",
            login.role, login.email, login.password
        );
    }
}

/// Makes indexes and bucket, as soon as their engines are there: without them the
/// site still sells.
async fn prepare(ctx: Ctx) {
    let ports = ctx.ports();
    tokio::join!(
        until_done("MongoDB", || ports.documents.prepare()),
        until_done("the object store", || ports.blobs.prepare()),
    );
}

async fn until_done<F: Future<Output = Result<(), PortError>>>(engine: &str, step: impl Fn() -> F) {
    let mut has_failed = false;
    while let Err(error) = step().await {
        if !has_failed {
            tracing::warn!(engine, error.chain = %error, "an engine cannot be prepared yet");
        }
        has_failed = true;
        tokio::time::sleep(ENGINE_AGAIN).await;
    }
}

async fn poll_logins(ctx: Ctx, stop: CancellationToken) {
    let mut failed = false;
    while stop
        .run_until_cancelled(tokio::time::sleep(LOGINS_EVERY))
        .await
        .is_some()
    {
        let result = accounts::poll_revoked(&ctx).await;
        if let (Err(error), false) = (&result, failed) {
            tracing::warn!(error.chain = %error, "revoked logins cannot be read");
        }
        failed = result.is_err();
    }
}

/// The first signal stops gently; a second one ends the process at once.
fn stop_on_signal(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = stop.clone();
    let detached = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping");
        stop.cancel();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        std::process::exit(1);
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "it waits for a second signal that may never come"
    )]
    tokio::spawn(detached);
    Ok(())
}

async fn drain(tasks: &TaskTracker, services: &Arc<Services>, config: &Config) {
    let patience = Duration::from_secs(config.shutdown_seconds.into());
    let finished = async {
        for tasks in [tasks, &services.tasks] {
            tasks.close();
            tasks.wait().await;
        }
    };
    if timeout(patience, finished).await.is_err() {
        tracing::warn!(
            "some work was not finished in time; it is taken up again at the next start"
        );
    }
    let _ = timeout(Duration::from_secs(2), services.db.close()).await;
    tracing::info!("stopped");
}
