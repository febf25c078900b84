//! How every load is measured: on a quiet database, after a moment of the same.

use std::{slice, time::Duration};

use anyhow::Result;

use super::{BUYERS, Bench};
use crate::{
    client::{Ask, Connection},
    measure::{Call, Figures, Load, Plan, Run, Wanted, call},
};

/// How long a load runs before it counts.
pub const WARM_UP: Duration = Duration::from_millis(1500);

impl Bench {
    /// The server under test, asked by as many as was wished.
    pub fn run(&self) -> Run<'_> {
        Run {
            doors: slice::from_ref(&self.target),
            pids: self.pid.as_slice(),
            plan: self.plan,
            rate: None,
        }
    }

    /// The same, asked by the crowd.
    pub fn crowd_run(&self) -> Run<'_> {
        let plan = Plan {
            connections: BUYERS,
            ..self.plan
        };
        Run { plan, ..self.run() }
    }

    /// So many for half the time: what is measured before and after something else.
    pub fn half(&self, connections: usize) -> Plan {
        Plan {
            connections,
            time: self.plan.time / 2,
        }
    }

    /// Nothing of earlier loads goes on.
    pub async fn quiet(&self) -> Result<()> {
        match &self.database {
            Some(database) => database.quiet().await,
            None => Ok(()),
        }
    }

    /// Nothing of the warm-up goes on.
    pub async fn settle(&self) -> Result<()> {
        match &self.database {
            Some(database) => database.settle().await,
            None => Ok(()),
        }
    }

    /// A moment of a load, whose times do not count.
    pub async fn warm_up(
        &self,
        run: Run<'_>,
        call: &impl AsyncFn(&mut Connection) -> Call,
    ) -> Result<Load> {
        self.quiet().await?;
        let plan = Plan {
            time: WARM_UP,
            ..run.plan
        };
        let warm_up = Run { plan, ..run }.load(call).await?;
        self.settle().await?;
        Ok(warm_up)
    }

    /// A load with its warm-up.
    pub async fn load(
        &self,
        run: Run<'_>,
        call: &impl AsyncFn(&mut Connection) -> Call,
    ) -> Result<Load> {
        let warm_up = self.warm_up(run, call).await?;
        let mut load = run.load(call).await?;
        load.add_warm_up(warm_up);
        Ok(load)
    }

    /// Asks the same again and again; every answer must be a 200.
    pub async fn repeat(&self, run: Run<'_>, ask: &Ask) -> Result<Load> {
        let again =
            async |connection: &mut Connection| call(connection, ask, Wanted::Status(200)).await;
        self.load(run, &again).await
    }

    /// An axum that answers "hello".
    pub async fn hello(&self, connections: usize) -> Result<Figures> {
        let run = Run {
            doors: slice::from_ref(&self.floor.target),
            pids: slice::from_ref(&self.floor.pid),
            plan: Plan {
                connections,
                time: self.plan.time.min(Duration::from_secs(2)),
            },
            rate: None,
        };
        Ok(self.repeat(run, &Ask::get("/")).await?.figures)
    }
}
