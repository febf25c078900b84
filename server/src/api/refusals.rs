//! The statuses with which calls are refused, for their documentation. Every one is a
//! problem; `default` of each call covers what any call may meet (400, 406, 429, 5xx).

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{Ref, RefOr, Response},
};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident [$($status:literal)+];)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let refused = |status: u16| (status.to_string(), RefOr::Ref(Ref::from_response_name("Problem")));
                BTreeMap::from([$(refused($status)),+])
            }
        }
    )+};
}

refusals! {
    /// Of a list that is open to all.
    Asked [422];
    /// Of one's own list.
    AskedOwn [401 422];
    /// Of something that may be hidden.
    Read [404];
    /// Of something that comes from the document store.
    ReadDocument [404 503];
    /// Of making something new.
    Make [401 403 413 415 422 503];
    /// Of an action without a body.
    Act [401 403 404 409];
    /// Of an action with a body, or of adding a part.
    ActWithBody [401 403 404 409 413 415 422];
    /// Of an edit.
    Edit [401 403 404 409 412 413 415 422 428];
    /// Of a removal of something with versions.
    Remove [401 403 404 409 412 428];
    /// Of replacing a document.
    PutDocument [401 403 404 412 413 415 422 428 503];
    /// Of an upload.
    Upload [401 403 404 413 415 422 429 503];
    /// Of a list that only those who run an event see.
    ListPart [401 403 404 422];
    /// Of an event, for somebody with a promo code.
    ReadWithCode [404 409 422];
    /// Of an action with something that others do not see.
    ActOwn [401 404];
    /// Of a removal of something without versions.
    RemovePart [401 403 404];
}
