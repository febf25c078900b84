//! The browser's entrance: wakes the page that the server rendered.

#[cfg(target_family = "wasm")]
mod browser {
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Called by the page's script once the module is loaded.
    #[wasm_bindgen]
    pub fn hydrate() {
        console_error_panic_hook::set_once();
        leptos::mount::hydrate_body(app::App);
        // Tests and style sheets may ask whether the page's own code runs.
        if let Some(root) = leptos::prelude::document().document_element() {
            let _ = root.set_attribute("data-alive", "yes");
        }
    }
}
