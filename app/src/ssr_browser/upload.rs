//! Sending a form with a file and saying how far it is: `fetch` cannot do the latter.

use leptos::{
    ev::SubmitEvent,
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
};
use types::Code;
use web_sys::{FormData, HtmlFormElement, ProgressEvent, XmlHttpRequest};

use crate::rpc::RpcError;

/// Sends the form of a `submit` event. `progress` goes from 0 to 1.
pub fn send_form(
    submit: &SubmitEvent,
    url: &'static str,
    progress: RwSignal<Option<f64>>,
    done: Callback<Result<(), RpcError>>,
) {
    let form = submit
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let sent = form.and_then(|form| send(&form, url, progress, done));
    if sent.is_none() {
        done.run(Err(RpcError::new(Code::Unavailable)));
    }
}

fn send(
    form: &HtmlFormElement,
    url: &str,
    progress: RwSignal<Option<f64>>,
    done: Callback<Result<(), RpcError>>,
) -> Option<()> {
    let data = FormData::new_with_form(form).ok()?;
    let request = XmlHttpRequest::new().ok()?;
    request.open("POST", url).ok()?;
    request
        .set_request_header("Accept", "application/json")
        .ok()?;
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress.set(Some(event.loaded() / event.total()));
        }
    });
    request
        .upload()
        .ok()?
        .set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    let (answered, form) = (request.clone(), form.clone());
    let on_end = Closure::once_into_js(move || {
        drop(on_progress);
        let outcome = outcome(&answered);
        if outcome.is_ok() {
            form.reset();
        }
        done.run(outcome);
    });
    request.set_onloadend(Some(on_end.unchecked_ref()));
    request.send_with_opt_form_data(Some(&data)).ok()
}

fn outcome(request: &XmlHttpRequest) -> Result<(), RpcError> {
    if let Ok(200..=299) = request.status() {
        return Ok(());
    }
    let text = request.response_text().ok().flatten().unwrap_or_default();
    Err(serde_json::from_str(&text).unwrap_or_else(|_| RpcError::new(Code::Unavailable)))
}
