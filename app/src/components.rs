//! What two pages or more use. No server calls inside; the classes are those of
//! `style/components/`.

mod event_card;
mod feedback;
mod fields;
mod forms;
mod layout;
mod media;
mod overlay;
mod site;
mod texts;
mod viewer;

pub use event_card::{EventGrid, EventGridSkeleton};
pub use feedback::{Alert, Badge, EmptyState, ErrorAlert, Skeleton, Tone};
pub use fields::{Choice, Field, SelectField, Submit, TextField};
pub use forms::{
    DoneNote, ErrorSummary, FocusAlert, Place, emptied_after, field_error, on_its_way, read_once,
};
pub use layout::{Breadcrumb, PageHeader, Pagination, Section};
pub use media::{Avatar, Icon, Picture};
pub use overlay::Confirm;
pub use site::{PageFocus, SiteFooter, SiteHeader};
pub use texts::{Countdown, DateLeaf, Price};
pub use viewer::{Viewer, provide_viewer, use_viewer};
