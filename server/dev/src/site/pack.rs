//! Release files: names that carry their content's hash, and compressed twins.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::{NAME, files};
use crate::report;

/// Files worth compressing; images and fonts already are.
const COMPRESSIBLE: [&str; 10] = [
    "js",
    "wasm",
    "css",
    "svg",
    "txt",
    "json",
    "xml",
    "html",
    "ico",
    "webmanifest",
];

/// Below this a compressed twin saves nothing on the wire.
const WORTH_COMPRESSING: usize = 256;

/// Renames the three files and writes `hash.txt`, in the form that Leptos reads.
pub fn hash_names(site: &Path, package: &Path) -> Result<()> {
    let mut manifest = String::new();
    let names = [("js", ".js"), ("wasm", "_bg.wasm"), ("css", ".css")];
    for (kind, ending) in names {
        let file = package.join(format!("{NAME}{ending}"));
        let digest = hex::encode(Sha256::digest(fs::read(&file)?));
        let hash = &digest[..16];
        fs::rename(file, package.join(format!("{NAME}.{hash}.{kind}")))?;
        manifest.extend([kind, ": ", hash, "\n"]);
    }
    Ok(fs::write(site.join("hash.txt"), manifest)?)
}

/// Puts `.br` and `.gz` beside every file that gets smaller by it.
pub fn compress(site: &Path) -> Result<()> {
    for file in files(site)? {
        let kind = file
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let bytes = fs::read(&file)?;
        if !COMPRESSIBLE.contains(&kind.as_str()) || bytes.len() < WORTH_COMPRESSING {
            continue;
        }
        for (ending, packed) in [("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] {
            if packed.len() < bytes.len() {
                fs::write(file.with_extension(format!("{kind}.{ending}")), packed)?;
            }
        }
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Prints what a first visit loads.
pub fn print_sizes(package: &Path) -> Result<()> {
    println!(
        "\n  {:<34}{:>10}{:>10}{:>10}",
        "bytes", "raw", "gzip", "brotli"
    );
    let mut total = [0; 3];
    for file in files(package)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if matches!(file.extension().and_then(OsStr::to_str), Some("br" | "gz")) {
            continue;
        }
        let raw = fs::metadata(&file)?.len();
        let twin = |ending| {
            fs::metadata(file.with_file_name(format!("{name}.{ending}"))).map_or(raw, |m| m.len())
        };
        let sizes = [raw, twin("gz"), twin("br")];
        println!(
            "  {name:<34}{:>10}{:>10}{:>10}",
            sizes[0], sizes[1], sizes[2]
        );
        for (sum, size) in total.iter_mut().zip(sizes) {
            *sum += size;
        }
    }
    println!(
        "  {:<34}{:>10}{:>10}{:>10}\n",
        "together", total[0], total[1], total[2]
    );
    report::line("sizes", "names carry hashes; hash.txt tells the server");
    Ok(())
}
