//! The HTML document around the app.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

use types::Code;

use crate::router::App;

/// Applies the remembered theme before the first paint. Also tells the style sheet
/// that scripts run.
const THEME_SCRIPT: &str = "var d=document.documentElement;d.classList.add('js');\
try{var t=localStorage.getItem('theme');if(t==='light'||t==='dark')d.dataset.theme=t}catch(e){}";

/// The HTML document, on the server alone.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-viewer=crate::ssr::viewer().as_str() data-refusal=crate::ssr::refusal().map(Code::as_str)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbf6ec"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#16120f"/>
                <script nonce=use_nonce()>{THEME_SCRIPT}</script>
                <link rel="preload" href="/fonts/bricolage-grotesque-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link rel="preload" href="/fonts/figtree-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="icon" href="/favicon.ico" sizes="32x32"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/site.webmanifest"/>
                <HydrationScripts options=options defer=true/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
