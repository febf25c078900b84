//! An object store in memory.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use service::ports::{Blob, Blobs, PortError};

use super::{Switch, lock};

/// Keeps objects in a map.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    objects: Mutex<BTreeMap<String, Blob>>,
    /// Makes calls fail.
    pub switch: Switch,
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn prepare(&self) -> Result<(), PortError> {
        self.switch.check()
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.switch.check()
    }

    async fn put(&self, key: &str, blob: Blob) -> Result<(), PortError> {
        self.switch.check()?;
        lock(&self.objects).insert(key.to_owned(), blob);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Blob>, PortError> {
        self.switch.check()?;
        Ok(lock(&self.objects).get(key).cloned())
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        self.switch.check()?;
        lock(&self.objects).remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        self.switch.check()?;
        let objects = lock(&self.objects);
        let matching = objects.keys().filter(|key| key.starts_with(prefix));
        Ok(matching.take(1000).cloned().collect())
    }
}
