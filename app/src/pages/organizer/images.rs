//! The images of an event: what is there, adding, removing. The file field takes a
//! dropped file by itself; with JavaScript the upload shows how far it is.

use leptos::{ev::SubmitEvent, form::ActionForm, prelude::*, server_fn::ServerFn};
use types::{
    events::Event,
    media::{Media, MediaKind},
};

use super::fields;
use crate::{
    components::{
        Badge, Confirm, ErrorSummary, Field, Picture, Place, SelectField, Submit, Tone, field_error,
    },
    rpc::{
        RpcError, error_of,
        media::{DeleteMedia, UploadMedia},
    },
    ssr,
};

const KINDS: &[(MediaKind, &str, &str)] = &[
    (
        MediaKind::Cover,
        "Cover",
        "Cover: on cards and on top of the page",
    ),
    (MediaKind::Gallery, "Gallery", "Gallery: any number of them"),
    (MediaKind::Banner, "Banner", "Banner: wide"),
    (MediaKind::Poster, "Poster", "Poster: upright, to print"),
    (
        MediaKind::Thumbnail,
        "Thumbnail",
        "Thumbnail: small and square",
    ),
];

fn kind_name(kind: MediaKind) -> &'static str {
    KINDS
        .iter()
        .find(|(key, ..)| *key == kind)
        .map_or("Image", |(_, name, _)| name)
}

/// The panel below the editor.
#[component]
pub(super) fn Images(
    /// The event, with its images.
    event: Event,
    /// Removes one.
    remove: ServerAction<DeleteMedia>,
    /// Rises with each upload that JavaScript made.
    uploads: RwSignal<u32>,
    /// Why the upload of a plain form was refused, as the page's address says.
    linked: Signal<Option<RpcError>>,
) -> impl IntoView {
    let key = event.id.to_string();
    let is_empty = event.media.is_empty();
    let has_cover = event.cover().is_some();
    let images = event
        .media
        .into_iter()
        .map(|media| image(media, &key, remove))
        .collect_view();
    view! {
        <section class="card editor-part" id="images" aria-labelledby="part-images">
            <h2 id="part-images">"Images"</h2>
            <ErrorSummary error=error_of(remove)/>
            {is_empty.then(|| view! { <p class="muted">"None yet. A cover makes people stop and look."</p> })}
            {(!is_empty).then(|| view! { <ul class="images" role="list">{images}</ul> })}
            <Upload event=key has_cover=has_cover uploads=uploads linked=linked/>
        </section>
    }
    .into_any()
}

fn image(media: Media, event: &str, remove: ServerAction<DeleteMedia>) -> AnyView {
    let (event, id, kind) = (
        event.to_owned(),
        media.id.to_string(),
        kind_name(media.kind),
    );
    let caption = media
        .caption
        .clone()
        .unwrap_or_else(|| "No caption".to_owned());
    view! {
        <li class="image">
            <Picture media=Some(media) class="frame-card" sizes="(min-width: 48rem) 14rem, 50vw"/>
            <p class="image-caption"><Badge tone=Tone::Quiet text=kind/>" "{caption}</p>
            <Confirm label="Remove">
                <p>"The image is deleted for good."</p>
                <ActionForm action=remove>
                    <input type="hidden" name="event" value=event/>
                    <input type="hidden" name="id" value=id/>
                    <Submit label="Remove it" pending=remove.pending() class="btn-danger btn-small"/>
                </ActionForm>
            </Confirm>
        </li>
    }
    .into_any()
}

fn place(field: &str) -> Place {
    match field {
        "file" => Some(("file".to_owned(), "File".to_owned())),
        "kind" => Some(("kind".to_owned(), "Kind".to_owned())),
        "caption" => Some(("caption".to_owned(), "Caption".to_owned())),
        _ => fields::place(field),
    }
}

/// A plain multipart form.
#[component]
fn Upload(
    event: String,
    has_cover: bool,
    uploads: RwSignal<u32>,
    linked: Signal<Option<RpcError>>,
) -> impl IntoView {
    // Multipart forms have no action of their own: the error is the link's, or the script's.
    let sent = RwSignal::new(None::<Result<(), RpcError>>);
    let error = Signal::derive(move || match sent.get() {
        Some(outcome) => outcome.err(),
        None => linked.get(),
    });
    let progress = RwSignal::new(None::<f64>);
    let is_over = RwSignal::new(false);
    let done = Callback::new(move |outcome: Result<(), RpcError>| {
        progress.set(None);
        let is_there = outcome.is_ok();
        sent.set(Some(outcome));
        if is_there {
            uploads.update(|count| *count += 1);
        }
    });
    let on_submit = move |submit: SubmitEvent| {
        submit.prevent_default();
        if progress.get_untracked().is_none() {
            progress.set(Some(0.0));
            ssr::send_form(&submit, UploadMedia::PATH, progress, done);
        }
    };
    let kinds = KINDS
        .iter()
        .map(|(kind, _, text)| (kind.as_str().to_owned(), (*text).to_owned()))
        .collect();
    let value = if has_cover {
        MediaKind::Gallery
    } else {
        MediaKind::Cover
    };
    let file_error = field_error(error, "file");
    let is_busy = Signal::derive(move || progress.get().is_some());
    view! {
        <form class="upload form" method="post" action=UploadMedia::PATH enctype="multipart/form-data" on:submit=on_submit>
            <h3>"Add an image"</h3>
            <ErrorSummary error=error place=place/>
            <input type="hidden" name="event" value=event/>
            <div class="form-row">
                <SelectField name="kind" label="Kind" options=kinds value=value.as_str() hint="A new one of a single kind replaces the old." error=field_error(error, "kind")/>
                <Field name="caption" label="Caption" hint="What is to be seen, for people who cannot see it." error=field_error(error, "caption") maxlength=200/>
            </div>
            <div class="field" class:has-error=move || file_error.with(Option::is_some)>
                <label class="field-label" for="file">"File"</label>
                <p class="field-hint" id="file-hint">"JPEG, PNG, WebP or GIF, at most 10 MB. Choose one or drop it here."</p>
                <input
                    class="input drop"
                    class:is-over=is_over
                    id="file"
                    name="file"
                    type="file"
                    accept="image/jpeg,image/png,image/webp,image/gif"
                    required
                    aria-describedby="file-hint file-error"
                    aria-invalid=move || file_error.with(Option::is_some).then_some("true")
                    on:dragenter=move |_| is_over.set(true)
                    on:dragleave=move |_| is_over.set(false)
                    on:drop=move |_| is_over.set(false)
                />
                <p class="field-error" id="file-error">{move || file_error.get()}</p>
            </div>
            {move || progress.get().map(|part| {
                let percent = format!("{:.0}", part * 100.0);
                view! {
                    <p class="upload-progress" role="status">
                        <progress class="progress" max="100" value=percent.clone() aria-label="Upload"></progress>
                        {if part < 1.0 { format!("{percent} %") } else { "Making the sizes…".to_owned() }}
                    </p>
                }
            })}
            <div class="form-actions"><Submit label="Upload" pending=is_busy class="btn-secondary"/></div>
        </form>
    }
    .into_any()
}
