//! The object store: any server that speaks S3, addressed by path.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use service::ports::{Blob, Blobs, PortError};

/// Where the objects are.
#[derive(Clone)]
pub struct S3Settings {
    /// `http://127.0.0.1:9000`, `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The access key's id.
    pub access_key: String,
    /// The access key's secret.
    pub secret_key: String,
    /// The bucket; made when it is missing.
    pub bucket: String,
    /// Put before every key, so that installations can share a bucket; may be empty.
    pub prefix: String,
    /// How long a call may take, all tries together.
    pub timeout: Duration,
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A client for one bucket.
#[derive(Debug)]
pub struct S3 {
    client: Client,
    bucket: String,
    prefix: String,
}

impl S3 {
    /// A client with these settings; connects when first used.
    pub fn new(settings: S3Settings) -> Self {
        let credentials = Credentials::new(
            settings.access_key,
            settings.secret_key,
            None,
            None,
            "settings",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_timeout(settings.timeout)
            .build();
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(settings.endpoint)
            .region(Region::new(settings.region))
            .credentials_provider(credentials)
            .force_path_style(true)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            // Not every server knows the checksums that the SDK adds by itself.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self {
            client: Client::from_conf(config),
            bucket: settings.bucket,
            prefix: settings.prefix,
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

#[async_trait]
impl Blobs for S3 {
    async fn prepare(&self) -> Result<(), PortError> {
        if self.ping().await.is_ok() {
            return Ok(());
        }
        match self
            .client
            .create_bucket()
            .bucket(&self.bucket)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            // Another process was faster.
            Err(error)
                if matches!(
                    error.code(),
                    Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists")
                ) =>
            {
                self.ping().await
            }
            Err(error) => Err(port_error(&error)),
        }
    }

    async fn ping(&self) -> Result<(), PortError> {
        let answer = self.client.head_bucket().bucket(&self.bucket).send().await;
        answer.map(drop).map_err(|error| port_error(&error))
    }

    async fn put(&self, key: &str, blob: Blob) -> Result<(), PortError> {
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(self.key(key));
        let request = request
            .content_type(blob.content_type)
            .body(ByteStream::from(blob.bytes));
        request
            .send()
            .await
            .map(drop)
            .map_err(|error| port_error(&error))
    }

    async fn get(&self, key: &str) -> Result<Option<Blob>, PortError> {
        let object = match self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(self.key(key))
            .send()
            .await
        {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(port_error(&error)),
        };
        let content_type = object
            .content_type
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        let bytes = object
            .body
            .collect()
            .await
            .map_err(PortError::unavailable)?;
        Ok(Some(Blob {
            content_type,
            bytes: bytes.to_vec(),
        }))
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        match self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(self.key(key))
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            Err(error) => Err(port_error(&error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(self.key(prefix));
        let page = request
            .max_keys(1000)
            .send()
            .await
            .map_err(|error| port_error(&error))?;
        let keys = page
            .contents
            .unwrap_or_default()
            .into_iter()
            .filter_map(|object| object.key);
        let mut keys: Vec<_> = keys
            .filter_map(|key| key.strip_prefix(&self.prefix).map(str::to_owned))
            .collect();
        keys.sort();
        Ok(keys)
    }
}

/// An answer with a 4xx status will not get better; everything else may.
fn port_error<E>(error: &SdkError<E>) -> PortError
where
    E: std::error::Error + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let is_ours = matches!(status, Some(400..=407 | 409..=428 | 430..=499));
    let is_retryable = !is_ours && !matches!(error, SdkError::ConstructionFailure(_));
    PortError {
        message: format!("s3: {}", DisplayErrorContext(error)),
        is_retryable,
    }
}
