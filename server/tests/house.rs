//! The rules of the house that Cargo can see: who may import whom, one copy of the
//! big crates, licences, the size of files, the example of settings.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};

const WASM: &str = "wasm32-unknown-unknown";

/// What a crate may not name in its manifest.
const NEVER_DIRECTLY: &[(&str, &[&str])] = &[
    (
        "types",
        &["leptos", "axum", "sqlx", "tokio", "service", "store"],
    ),
    ("store", &["service", "adapters", "axum", "leptos"]),
    (
        "service",
        &[
            "sqlx",
            "adapters",
            "axum",
            "leptos",
            "rdkafka",
            "mongodb",
            "aws-sdk-s3",
        ],
    ),
    ("adapters", &["store", "sqlx", "axum", "leptos"]),
    ("app", &["store", "adapters", "sqlx", "server"]),
    (
        "server",
        &["sqlx", "mongodb", "rdkafka", "aws-sdk-s3", "dev"],
    ),
    ("dev", &["server", "service", "store", "adapters", "app"]),
    // It reads the rows, to check what the API says, and calls the use case without HTTP, as a floor.
    ("load", &["adapters", "app"]),
];

/// What may not come in through anything it uses either.
const NEVER_AT_ALL: &[(&str, &[&str])] = &[
    ("types", &["leptos", "axum", "sqlx", "tokio", "hyper"]),
    ("store", &["axum", "leptos", "hyper"]),
    (
        "service",
        &[
            "axum",
            "leptos",
            "rdkafka",
            "mongodb",
            "aws-sdk-s3",
            "hyper",
        ],
    ),
    ("adapters", &["axum", "leptos"]),
    ("app", &["mongodb", "rdkafka", "aws-sdk-s3"]),
];

/// Everything the browser's entrance may name.
const FRONTEND: &[&str] = &["app", "leptos", "wasm-bindgen", "console_error_panic_hook"];

/// What must never be compiled for the browser.
const NEVER_IN_THE_BROWSER: &[&str] = &[
    "service",
    "store",
    "axum",
    "leptos_axum",
    "sqlx",
    "tokio",
    "hyper",
    "reqwest",
];

const ONE_COPY: &[&str] = &[
    "axum",
    "axum-core",
    "bson",
    "http",
    "hyper",
    "leptos",
    "leptos_axum",
    "mongodb",
    "rustls",
    "server_fn",
    "sqlx",
    "tokio",
    "tower-sessions-core",
    "utoipa",
];

const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(target: &str) -> Metadata {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()));
    // Without a platform Cargo would fetch crates of systems that nobody here builds for.
    command.other_options([
        "--locked".to_owned(),
        "--filter-platform".to_owned(),
        target.to_owned(),
    ]);
    command.exec().expect("cargo metadata")
}

fn host() -> &'static Metadata {
    static HOST: OnceLock<Metadata> = OnceLock::new();
    HOST.get_or_init(|| {
        let version = std::process::Command::new("rustc")
            .arg("-vV")
            .output()
            .expect("rustc");
        let text = String::from_utf8(version.stdout).expect("text");
        let target = text
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("a host");
        read(target)
    })
}

fn member<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    let found = metadata
        .workspace_packages()
        .into_iter()
        .find(|package| package.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no crate {name} in the workspace"))
}

/// What a manifest names for the program itself, on any platform.
fn direct(package: &Package) -> BTreeSet<String> {
    let normal = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.clone()).collect()
}

/// Everything that is compiled into a crate, itself included.
fn closure(metadata: &Metadata, start: &PackageId) -> BTreeSet<PackageId> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let (mut seen, mut open) = (BTreeSet::new(), vec![start.clone()]);
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let normal = nodes[&id].deps.iter().filter(|dep| {
            dep.dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
        });
        open.extend(normal.map(|dep| dep.pkg.clone()));
    }
    seen
}

fn names(metadata: &Metadata, ids: &BTreeSet<PackageId>) -> BTreeSet<String> {
    ids.iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn nobody_imports_what_they_may_not() {
    for (name, forbidden) in NEVER_DIRECTLY {
        let named = direct(member(host(), name));
        let wrong: Vec<_> = forbidden
            .iter()
            .filter(|crate_| named.contains(**crate_))
            .collect();
        assert!(wrong.is_empty(), "{name} may not use {wrong:?}");
    }
    for (name, forbidden) in NEVER_AT_ALL {
        let reached = names(host(), &closure(host(), &member(host(), name).id));
        let wrong: Vec<_> = forbidden
            .iter()
            .filter(|crate_| reached.contains(**crate_))
            .collect();
        assert!(wrong.is_empty(), "{name} may not even reach {wrong:?}");
    }
}

#[test]
fn the_browsers_side_has_nothing_of_the_servers() {
    let frontend = member(host(), "frontend");
    let surplus: Vec<_> = direct(frontend)
        .into_iter()
        .filter(|name| !FRONTEND.contains(&name.as_str()))
        .collect();
    assert!(surplus.is_empty(), "frontend may not use {surplus:?}");
    let compiled = compiled_for_the_browser();
    assert!(
        compiled.contains("leptos") && compiled.contains("app"),
        "{compiled:?}"
    );
    let wrong: Vec<_> = NEVER_IN_THE_BROWSER
        .iter()
        .filter(|name| compiled.contains(**name))
        .collect();
    assert!(wrong.is_empty(), "compiled for the browser: {wrong:?}");
}

/// Only `cargo tree` knows which features a platform really asks for.
fn compiled_for_the_browser() -> BTreeSet<String> {
    let arguments = [
        "tree", "--locked", "-p", "frontend", "--target", WASM, "-e", "normal", "--prefix", "none",
        "--format", "{p}",
    ];
    let output = std::process::Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn big_crates_are_there_once() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in &host().workspace_packages() {
        for id in closure(host(), &package.id) {
            let package = &host()[&id];
            versions
                .entry(package.name.to_string())
                .or_default()
                .insert(package.version.to_string());
        }
    }
    for name in ONE_COPY {
        let found = versions.get(*name).cloned().unwrap_or_default();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn licences_are_ones_we_can_live_with() {
    let resolve = host().resolve.as_ref().expect("a resolved graph");
    let used: BTreeSet<_> = resolve.nodes.iter().map(|node| &node.id).collect();
    let foreign = host()
        .packages
        .iter()
        .filter(|package| used.contains(&package.id));
    let wrong: Vec<_> = foreign
        .filter(|package| !package.license.as_deref().is_some_and(is_allowed))
        .map(|package| {
            format!(
                "{} {}: {:?}",
                package.name, package.version, package.license
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An SPDX expression as crates write them: one of the `OR` parts is allowed in all
/// its `AND` parts.
fn is_allowed(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    if expression.contains('(') {
        // `(A OR B) AND C`: every part that is joined by AND must have an allowed choice.
        return expression
            .split(" AND ")
            .all(|part| is_allowed(part.trim_matches(['(', ')', ' '])));
    }
    flat.split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|licence| LICENCES.contains(&licence.trim()))
    })
}

#[test]
fn licence_expressions_are_understood() {
    for yes in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 AND ISC",
    ] {
        assert!(is_allowed(yes), "{yes}");
    }
    for no in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR Apache-2.0) AND AGPL-3.0",
    ] {
        assert!(!is_allowed(no), "{no}");
    }
}

/// Every file of a kind in our own folders.
fn sources(extension: &str) -> Vec<PathBuf> {
    let mut open: Vec<_> = ["app", "frontend", "server", "style", "end2end"]
        .iter()
        .map(|folder| root().join(folder))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "node_modules" && name != "target" && name != ".sqlx" {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no {extension} files");
    found
}

#[test]
fn files_stay_readable() {
    let lines = |path: &PathBuf| {
        std::fs::read_to_string(path)
            .expect("a source")
            .lines()
            .count()
    };
    let long: Vec<_> = sources("rs")
        .into_iter()
        .map(|path| (lines(&path), path))
        .filter(|(lines, _)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn only_one_room_of_the_app_knows_axum() {
    let knows = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a source");
        text.lines().any(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains("axum::") || line.contains("use axum"))
        })
    };
    let app = root().join("app/src");
    let wrong: Vec<_> = sources("rs")
        .into_iter()
        .filter(|path| {
            path.starts_with(&app)
                && !path.starts_with(app.join("ssr"))
                && !path.ends_with("ssr.rs")
        })
        .filter(knows)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_example_of_settings_is_true() {
    let path = root().join(".env.example");
    let made = server::config::example(&server::config::command());
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == made,
        "{} is out of date: run `server settings > .env.example`",
        path.display()
    );
}

#[test]
fn nothing_is_declared_for_the_workspace_that_no_crate_asks_for() {
    let read = |path: &Path| std::fs::read_to_string(path).expect("a manifest");
    let whole = read(&root().join("Cargo.toml"));
    let (_, after) = whole
        .split_once("[workspace.dependencies]")
        .expect("the declarations");
    let declared = after.lines().take_while(|line| !line.starts_with('['));
    let manifests: String = host()
        .workspace_packages()
        .iter()
        .map(|package| read(package.manifest_path.as_std_path()))
        .collect();
    let is_asked_for = |name: &str| {
        manifests.lines().any(|line| {
            let rest = line.strip_prefix(name).unwrap_or_default();
            rest.starts_with(".workspace") || rest.starts_with(" = { workspace")
        })
    };
    let surplus: Vec<_> = declared
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with('#') && !is_asked_for(name))
        .collect();
    assert!(surplus.is_empty(), "nobody uses {surplus:?}");
}
