//! Buckets in a directory. The library's listing walks a whole bucket whatever is asked for, and
//! the broker asks for one partition of one topic, many times a second.

use std::path::Path;

use anyhow::{Result, anyhow};
use s3s::dto::{
    self, CommonPrefix, HeadBucketInput, ListObjectsV2Input, ListObjectsV2Output, Object,
};
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

type Listing = S3Result<S3Response<ListObjectsV2Output>>;

/// The library's buckets, listed from the directory that a prefix names.
pub struct Files(FileSystem);

impl Files {
    /// Buckets below `root`, which is there.
    pub fn new(root: impl AsRef<Path>) -> Result<Self> {
        let files = FileSystem::new(root).map_err(|error| anyhow!("{error:?}"))?;
        Ok(Self(files))
    }

    /// Lists a directory as if it were a bucket, and tells its keys as the bucket has them.
    async fn list(&self, request: S3Request<ListObjectsV2Input>) -> Listing {
        let Some(directory) = directory_of(&request.input) else {
            return self.0.list_objects_v2(request).await;
        };
        let narrowed = narrowed(&request.input, &directory);
        match self
            .0
            .list_objects_v2(request.clone().map_input(|_| narrowed))
            .await
        {
            Ok(listed) => Ok(listed.map_output(|found| widened(found, &directory, request.input))),
            Err(error) if *error.code() == S3ErrorCode::NoSuchBucket => {
                self.list_nothing(request).await
            }
            // An object where a directory is looked for.
            Err(_) => self.0.list_objects_v2(request).await,
        }
    }

    /// There is no such directory: nothing is in it, if there is the bucket.
    async fn list_nothing(&self, request: S3Request<ListObjectsV2Input>) -> Listing {
        let head = request.clone().map_input(|input| HeadBucketInput {
            bucket: input.bucket,
            expected_bucket_owner: None,
        });
        self.0.head_bucket(head).await?;
        let nothing = ListObjectsV2Output {
            key_count: Some(0),
            max_keys: Some(request.input.max_keys.unwrap_or(1000)),
            is_truncated: Some(false),
            delimiter: request.input.delimiter.clone(),
            ..Default::default()
        };
        Ok(S3Response::new(widened(nothing, "", request.input)))
    }
}

/// The directory that holds everything with the prefix asked for, with a slash at its end.
fn directory_of(asked: &ListObjectsV2Input) -> Option<String> {
    let prefix = asked.prefix.as_deref()?;
    let (directory, _) = prefix.rsplit_once('/')?;
    let is_plain = |name: &str| !matches!(name, "" | "." | "..");
    directory
        .split('/')
        .all(is_plain)
        .then(|| format!("{directory}/"))
}

fn narrowed(asked: &ListObjectsV2Input, directory: &str) -> ListObjectsV2Input {
    let within = |key: &Option<String>| key.as_deref().and_then(|key| key_within(key, directory));
    ListObjectsV2Input {
        bucket: format!("{}/{directory}", asked.bucket),
        prefix: within(&asked.prefix),
        start_after: within(&asked.start_after),
        continuation_token: within(&asked.continuation_token),
        ..asked.clone()
    }
}

/// A key as a directory has it. None if it sorts before the whole directory; one that sorts behind
/// it sorts behind every key there, too.
fn key_within(key: &str, directory: &str) -> Option<String> {
    match key.strip_prefix(directory) {
        Some(rest) => Some(rest.to_owned()),
        None if key < directory => None,
        None => Some(char::MAX.to_string()),
    }
}

fn widened(
    found: ListObjectsV2Output,
    directory: &str,
    asked: ListObjectsV2Input,
) -> ListObjectsV2Output {
    let widen = |key: Option<String>| key.map(|key| format!("{directory}{key}"));
    let contents = found.contents.map(|objects| {
        let keys = objects.into_iter().map(|object| Object {
            key: widen(object.key),
            ..object
        });
        keys.collect()
    });
    let common_prefixes = found.common_prefixes.map(|prefixes| {
        let prefixes = prefixes.into_iter();
        prefixes
            .map(|common| CommonPrefix {
                prefix: widen(common.prefix),
            })
            .collect()
    });
    ListObjectsV2Output {
        name: Some(asked.bucket),
        prefix: asked.prefix,
        start_after: asked.start_after,
        continuation_token: asked.continuation_token,
        next_continuation_token: widen(found.next_continuation_token),
        contents,
        common_prefixes,
        ..found
    }
}

macro_rules! as_the_library_does {
    ($($operation:ident: $input:ident => $output:ident,)+) => {
        #[async_trait::async_trait]
        impl S3 for Files {
            async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Listing {
                self.list(request).await
            }

            $(async fn $operation(
                &self,
                request: S3Request<dto::$input>,
            ) -> S3Result<S3Response<dto::$output>> {
                self.0.$operation(request).await
            })+
        }
    };
}

as_the_library_does! {
    create_bucket: CreateBucketInput => CreateBucketOutput,
    delete_bucket: DeleteBucketInput => DeleteBucketOutput,
    head_bucket: HeadBucketInput => HeadBucketOutput,
    list_buckets: ListBucketsInput => ListBucketsOutput,
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
    list_objects: ListObjectsInput => ListObjectsOutput,
    get_object: GetObjectInput => GetObjectOutput,
    head_object: HeadObjectInput => HeadObjectOutput,
    put_object: PutObjectInput => PutObjectOutput,
    copy_object: CopyObjectInput => CopyObjectOutput,
    delete_object: DeleteObjectInput => DeleteObjectOutput,
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
    upload_part: UploadPartInput => UploadPartOutput,
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,
    list_parts: ListPartsInput => ListPartsOutput,
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const KEYS: [&str; 8] = [
        "a",
        "t/p0/r/1",
        "t/p0/r/2",
        "t/p0/r/3",
        "t/p0/w",
        "t/p1/r/1",
        "t/p10/r/1",
        "u/x",
    ];

    fn ask(asked: ListObjectsV2Input) -> S3Request<ListObjectsV2Input> {
        S3Request {
            input: asked,
            method: http::Method::GET,
            uri: http::Uri::from_static("/"),
            headers: http::HeaderMap::new(),
            extensions: http::Extensions::new(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        }
    }

    /// What a listing says, the library's word for word.
    async fn listed(files: &impl S3, asked: ListObjectsV2Input) -> Result<String, String> {
        match files.list_objects_v2(ask(asked)).await {
            Ok(found) => Ok(format!("{:?}", found.output)),
            Err(error) => Err(error.code().as_str().to_owned()),
        }
    }

    #[tokio::test]
    async fn every_listing_is_the_librarys() {
        let root = std::env::temp_dir().join(format!("s3-files-{}", std::process::id()));
        for key in KEYS {
            let path = root.join("bucket").join(key);
            fs::create_dir_all(path.parent().expect("a directory")).expect("it is made");
            fs::write(path, key).expect("it is written");
        }
        let files = Files::new(&root).expect("a directory");
        let prefixes = [
            "t/", "t/p0/", "t/p0/r/", "t/p0/r/2", "t/p1", "t/none/", "u/x/", "t//", "t/../u/",
            "/t/p0/", "",
        ];
        let markers = [
            None,
            Some("a"),
            Some("t/p0/r/1"),
            Some("t/p0/r/9"),
            Some("z"),
        ];
        let mut some = 0;
        for bucket in ["bucket", "missing"] {
            for prefix in prefixes {
                for marker in markers {
                    for (delimiter, max_keys) in [
                        (None, None),
                        (Some("/"), None),
                        (None, Some(1)),
                        (Some("/"), Some(1)),
                    ] {
                        let asked = ListObjectsV2Input {
                            bucket: bucket.to_owned(),
                            prefix: Some(prefix.to_owned()),
                            start_after: marker.map(str::to_owned),
                            continuation_token: marker.map(str::to_owned),
                            delimiter: delimiter.map(str::to_owned),
                            max_keys,
                            ..Default::default()
                        };
                        let ours = listed(&files, asked.clone()).await;
                        let theirs = listed(&files.0, asked).await;
                        assert_eq!(
                            ours, theirs,
                            "{bucket} {prefix} {marker:?} {delimiter:?} {max_keys:?}"
                        );
                        some += usize::from(ours.is_ok());
                    }
                }
            }
        }
        fs::remove_dir_all(&root).expect("it is removed");
        assert_eq!(some, prefixes.len() * markers.len() * 4);
    }
}
