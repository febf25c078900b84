//! Documents in memory.

use std::{cmp::Reverse, collections::HashMap, sync::Mutex};

use async_trait::async_trait;
use serde_json::Value;
use service::ports::{Documents, PortError};
use types::{EventId, feed::Activity};
use uuid::Uuid;

use super::{Switch, lock};

/// Keeps documents in maps.
#[derive(Debug, Default)]
pub struct MemoryDocuments {
    metadata: Mutex<HashMap<EventId, (i64, Value)>>,
    activities: Mutex<HashMap<Uuid, Activity>>,
    /// Makes calls fail.
    pub switch: Switch,
}

#[async_trait]
impl Documents for MemoryDocuments {
    async fn prepare(&self) -> Result<(), PortError> {
        self.switch.check()
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.switch.check()
    }

    async fn put_metadata(
        &self,
        event: EventId,
        version: i64,
        document: &Value,
    ) -> Result<(), PortError> {
        self.switch.check()?;
        let mut all = lock(&self.metadata);
        let kept = all
            .entry(event)
            .or_insert_with(|| (version, document.clone()));
        if kept.0 <= version {
            *kept = (version, document.clone());
        }
        Ok(())
    }

    async fn get_metadata(&self, event: EventId) -> Result<Option<(i64, Value)>, PortError> {
        self.switch.check()?;
        Ok(lock(&self.metadata).get(&event).cloned())
    }

    async fn delete_metadata(&self, event: EventId) -> Result<(), PortError> {
        self.switch.check()?;
        lock(&self.metadata).remove(&event);
        Ok(())
    }

    async fn add_activities(&self, activities: &[Activity]) -> Result<(), PortError> {
        self.switch.check()?;
        let mut all = lock(&self.activities);
        for activity in activities {
            all.entry(activity.id).or_insert_with(|| Activity {
                ago: String::new(),
                ..activity.clone()
            });
        }
        Ok(())
    }

    async fn latest_activities(&self, limit: u32) -> Result<Vec<Activity>, PortError> {
        self.switch.check()?;
        let mut latest: Vec<_> = lock(&self.activities).values().cloned().collect();
        latest.sort_by_key(|activity| Reverse((activity.at, activity.id)));
        latest.truncate(limit as usize);
        Ok(latest)
    }
}
