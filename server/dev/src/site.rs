//! `cargo dev site`: the browser's half, built without anything but cargo and npm.

mod css;
mod pack;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

pub use self::wasm::{ensure_target, has_target};
use crate::report::{self, Stopwatch};
use crate::workspace::Workspace;

/// File names start with this; the server's Leptos options say the same.
const NAME: &str = "eventsphere";

/// Grows when this code writes something else from the same inputs.
const RECIPE: &str = "1";

/// Builds `target/site`; does nothing if no input changed.
pub async fn build(workspace: &Workspace, release: bool) -> Result<()> {
    report::heading(if release { "site (release)" } else { "site" });
    let watch = Stopwatch::start();
    let module = wasm::compile(workspace, release).await?;
    let style = css::bundle(&workspace.path("style/main.css"))?;
    let stamp = stamp(workspace, release, &module, &style)?;
    let stamp_file = workspace.target().join("site.stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) && workspace.site().is_dir()
    {
        report::line("site", "nothing changed");
        return Ok(());
    }
    let draft = workspace.target().join("site.new");
    let _ = fs::remove_dir_all(&draft);
    let package = draft.join("pkg");
    fs::create_dir_all(&package)?;
    wasm::bind(&module, &package, release).await?;
    if release {
        wasm::optimize(workspace, &package.join(format!("{NAME}_bg.wasm"))).await?;
    }
    let style = if release { css::squeeze(&style) } else { style };
    fs::write(package.join(format!("{NAME}.css")), style)?;
    copy_tree(&workspace.path("public"), &draft)?;
    if release {
        pack::hash_names(&draft, &package)?;
        pack::compress(&draft)?;
    }
    put_in_place(&draft, &workspace.site())?;
    fs::write(stamp_file, stamp)?;
    if release {
        pack::print_sizes(&workspace.site().join("pkg"))?;
    }
    report::line(
        "site",
        &format!("built in {watch}: {}", workspace.short(&workspace.site())),
    );
    Ok(())
}

/// A digest of everything the site is made of.
fn stamp(workspace: &Workspace, release: bool, module: &Path, style: &str) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(format!("{RECIPE} {release} {}", wasm::OPTIMIZER));
    digest.update(fs::read(module)?);
    digest.update(style);
    for file in files(&workspace.path("public"))? {
        digest.update(file.as_os_str().as_encoded_bytes());
        digest.update(fs::read(file)?);
    }
    Ok(hex::encode(digest.finalize()))
}

/// All files below a directory, in a fixed order; none if it does not exist.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else {
        return Ok(found);
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

/// Swaps the new site in, so that a running server never sees half of one for long.
fn put_in_place(draft: &Path, site: &Path) -> Result<()> {
    let old = site.with_extension("old");
    let _ = fs::remove_dir_all(&old);
    if site.exists() {
        fs::rename(site, &old)?;
    }
    fs::rename(draft, site)?;
    let _ = fs::remove_dir_all(&old);
    Ok(())
}
