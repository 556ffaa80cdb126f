//! The house rules that a compiler does not check: which crate may know which, and where browser and HTTP may
//! be named. What the crates do is tested in the crates.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every arrow between crates of the workspace: who depends on whom, and under which condition.
const ARROWS: [(&str, &str, &str); 11] = [
    ("audio", "model", ""),
    ("library", "audio", ""),
    ("library", "model", ""),
    ("app", "model", ""),
    ("app", "library", "optional"),
    ("app", "audio", "optional"),
    ("frontend", "app", "cfg(target_arch = \"wasm32\")"),
    ("server", "app", ""),
    ("server", "library", ""),
    ("server", "audio", ""),
    ("server", "model", ""),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Rust files below a folder of the repository, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

#[test]
fn crates_depend_on_each_other_only_as_drawn() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut arrows = BTreeSet::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            if !ours.contains(to) {
                continue;
            }
            let from = if dependency["kind"] == "dev" { format!("{name} (tests)") } else { name.to_owned() };
            let condition = match (dependency["target"].as_str(), dependency["optional"].as_bool()) {
                (Some(target), _) => target.to_owned(),
                (None, Some(true)) => "optional".to_owned(),
                _ => String::new(),
            };
            arrows.insert((from, to.to_owned(), condition));
        }
    }
    let allowed: BTreeSet<_> =
        ARROWS.iter().map(|(from, to, when)| ((*from).to_owned(), (*to).to_owned(), (*when).to_owned())).collect();
    let forbidden: Vec<_> = arrows.difference(&allowed).collect();
    assert!(forbidden.is_empty(), "arrows that nobody drew: {forbidden:?}");
    assert!(arrows.iter().any(|(from, to, _)| from == "server" && to == "app"), "the reading itself works");
}

#[test]
fn the_optional_arrows_belong_to_the_server_side_alone() {
    let app = packages().into_iter().find(|package| package["name"] == "app").unwrap();
    for (feature, enables) in app["features"].as_object().unwrap() {
        let names: Vec<&str> = enables.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let takes_domain = names.iter().any(|name| matches!(*name, "dep:library" | "dep:audio" | "dep:leptos_axum"));
        // Cargo gives every optional dependency that is not hidden a feature of its own name.
        assert!(!takes_domain || feature == "ssr", "feature {feature} takes {names:?}");
    }
}

#[test]
fn browser_bindings_are_named_in_one_place() {
    for (path, text) in sources("app/src") {
        if path.components().any(|part| part.as_os_str() == "browser") || path.ends_with("browser.rs") {
            continue;
        }
        for name in ["web_sys::", "js_sys::", "wasm_bindgen::"] {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn the_player_knows_no_browser_and_no_views() {
    for (path, text) in sources("app/src/player")
        .into_iter()
        .chain(sources("app/src").into_iter().filter(|(path, _)| path.ends_with("player.rs")))
    {
        for name in ["leptos", "crate::browser", "crate::components", "wasm"] {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn nothing_below_the_server_knows_http_servers() {
    for folder in ["model/src", "audio/src", "library/src", "app/src"] {
        for (path, text) in sources(folder) {
            for name in ["axum::", "hyper::", "tower"] {
                let named = text.match_indices(name).any(|(at, _)| !text[..at].ends_with("leptos_"));
                assert!(!named, "{} names {name}", path.display());
            }
        }
    }
}

#[test]
fn unsafe_code_is_in_the_one_file_that_argues_for_it() {
    for folder in ["model/src", "audio/src", "library/src", "app/src", "frontend/src", "server/src", "xtask/src"] {
        for (path, text) in sources(folder) {
            let is_allowed = text.contains("allow(unsafe_code)");
            assert_eq!(is_allowed, path.ends_with("audio/src/mp3/encoder.rs"), "{}", path.display());
        }
    }
}
