//! Pictures and icons.

use leptos::prelude::*;
use types::media::Media;

/// An icon of the sprite `public/icons.svg`, invisible to screen readers: the text
/// beside it, or the `aria-label` of the button around it, says what it means.
#[component]
pub fn Icon(
    /// The id in the sprite: `search`, `ticket`, `calendar` …
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
    .into_any()
}

/// An image in the size that fits, over a blurred placeholder of its colours. The
/// class decides the crop (`aspect-ratio`), so nothing moves when it arrives.
/// Without an image: a drawn pattern.
#[component]
pub fn Picture(
    /// The image, if there is one.
    media: Option<Media>,
    /// Which kind of frame: `frame-card`, `frame-hero`, `frame-square`, `frame-natural` …
    class: &'static str,
    /// How wide it is shown, for the browser's choice: `(min-width: 60rem) 33vw, 100vw`.
    sizes: &'static str,
    /// Above the fold: loaded at once and with priority.
    #[prop(optional)]
    eager: bool,
    /// For screen readers; the caption when absent. Empty for decoration.
    #[prop(optional, into)]
    alt: Option<String>,
) -> impl IntoView {
    let frame = format!("frame {class}");
    let Some(media) = media else {
        return view! { <div class=format!("{frame} frame-empty")><Icon name="spark"/></div> }
            .into_any();
    };
    let alt = alt.or_else(|| media.caption.clone()).unwrap_or_default();
    view! {
        <div class=frame>
            <svg
                class="frame-placeholder"
                viewBox="0 0 4 3"
                preserveAspectRatio="none"
                aria-hidden="true"
                inner_html=crate::ssr::placeholder(&media.thumbhash)
            ></svg>
            <img
                src=media.url.clone()
                srcset=media.srcset()
                sizes=sizes
                width=media.width.to_string()
                height=media.height.to_string()
                alt=alt
                loading=if eager { "eager" } else { "lazy" }
                fetchpriority=eager.then_some("high")
                decoding="async"
            />
        </div>
    }
    .into_any()
}

/// A person's picture, or their initial.
#[component]
pub fn Avatar(
    /// As they call themselves.
    #[prop(into)]
    name: String,
    /// A picture.
    #[prop(optional_no_strip)]
    url: Option<String>,
    /// `avatar-large` on profiles.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let class = format!("avatar {class}");
    if let Some(url) = url {
        view! { <img class=class src=url alt="" loading="lazy" decoding="async"/> }.into_any()
    } else {
        let initial = name.chars().next().unwrap_or('?').to_string();
        view! { <span class=class aria-hidden="true">{initial}</span> }.into_any()
    }
}
