//! The packages that the workspace is built of: where they come from and what their licences ask for.
//! Known faults of them are looked up by `cargo deny`, where its database can be had.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Decoders with a single maintainer each: a new version of them is reviewed and tested before it is used.
const PINNED: [&str; 2] = ["ape-decoder", "ropus"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All packages of a build for this machine.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    cargo.args(["--filter-platform", &format!("{}-unknown-linux-gnu", std::env::consts::ARCH)]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The licences that `deny.toml` allows.
fn allowed() -> Vec<String> {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = text.split("\nallow = [").nth(1).unwrap().split(']').next().unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_package_comes_from_the_registry_with_a_checksum() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut outside = 0;
    for package in lock.split("[[package]]").skip(1) {
        let Some((_, source)) = package.split_once("source = \"") else { continue };
        assert!(source.starts_with("registry+https://github.com/rust-lang/crates.io-index\""), "{package}");
        assert!(package.contains("checksum = \""), "{package}");
        outside += 1;
    }
    assert!(outside > 100, "the reading itself works");
    let here: Vec<_> = packages().into_iter().filter(|package| package["source"].is_null()).collect();
    for package in &here {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap()).to_owned();
        assert!(manifest.starts_with(root().canonicalize().unwrap()), "{}", manifest.display());
    }
}

#[test]
fn every_licence_is_one_that_we_can_keep() {
    let allowed = allowed();
    for package in packages() {
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} has no licence"));
        let expression = Expression::parse_mode(licence, ParseMode::LAX).unwrap();
        let may = |wanted: &spdx::LicenseReq| {
            let licence = wanted.license.to_string();
            allowed.iter().any(|allowed| licence == *allowed || licence.trim_end_matches("-only") == *allowed)
        };
        assert!(expression.evaluate(may), "{name} is under {licence}");
    }
}

#[test]
fn readers_that_one_person_maintains_are_pinned() {
    let audio = packages().into_iter().find(|package| package["name"] == "audio").unwrap();
    for name in PINNED {
        let dependencies = audio["dependencies"].as_array().unwrap();
        let reader = dependencies.iter().find(|dependency| dependency["name"] == name).unwrap();
        assert!(reader["req"].as_str().unwrap().starts_with('='), "{name}");
    }
}
