#![doc = include_str!("../README.md")]

mod components;
mod links;
mod pages;
mod router;
mod rpc;
mod shell;
#[cfg_attr(target_family = "wasm", path = "ssr_browser.rs")]
mod ssr;

pub use router::App;
pub use shell::shell;
#[cfg(not(target_family = "wasm"))]
pub use ssr::Refused;
