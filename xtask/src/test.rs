//! `cargo xtask test`: every check and test, in the order in which they fail fastest.
//! The tests themselves are in the crates and in end2end.

use std::path::Path;
use std::process::Command;

use clap::{Args, ValueEnum};

use crate::step::{answer, cargo, done, install_debian, run, step};
use crate::{Outcome, bundle, serve, supply_chain};

/// Options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Only a part, for a quick look while working.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Further options for Playwright, as in `-- --grep seek`.
    #[arg(last = true)]
    playwright: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting, lints, and licences and sources of packages.
    Checks,
    /// Native tests, HTTP tests against the real server among them.
    Native,
    /// Tests in a real browser.
    Browser,
}

/// The workspace in two parts, each in the profile in which it runs, so that what is compiled serves all steps.
const PARTS: [&[&str]; 2] =
    [&["--workspace", "--exclude", "xtask", "--release"], &["--package", "xtask", "--profile", "xtask"]];

/// Runs everything, or one part.
pub(crate) fn test(options: &Options) -> Outcome {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    if wanted(Part::Checks) {
        step("checking the formatting", || run(cargo().args(["fmt", "--all", "--check"])))?;
        step("linting", lint)?;
        step("looking at the packages that are used", supply_chain::check)?;
    }
    if wanted(Part::Native) {
        ffmpeg()?;
        step("native tests", || {
            for part in PARTS {
                run(cargo().args(["test", "--locked"]).args(part))?;
            }
            Ok(())
        })?;
    }
    if wanted(Part::Browser) {
        bundle::bundle()?;
        serve::demo()?;
        let chromium = chromium()?;
        step("installing the browser tests", install)?;
        step("tests in the browser", || browse(&chromium, &options.playwright))?;
    }
    done("all good");
    Ok(())
}

fn lint() -> Outcome {
    for part in PARTS {
        let strict = ["--all-targets", "--", "--deny", "warnings"];
        run(cargo().args(["clippy", "--locked"]).args(part).args(strict))?;
    }
    Ok(())
}

/// The native tests make sound files with ffmpeg, and the server decodes rare formats with it.
fn ffmpeg() -> Outcome {
    if answer(Command::new("ffmpeg").arg("-version")).is_some() {
        return Ok(());
    }
    step("installing ffmpeg", || install_debian(&["ffmpeg"], "The native tests make sound files with ffmpeg"))
}

/// A Chromium that Playwright can drive, installed when it is missing and we may.
fn chromium() -> Outcome<String> {
    let named = std::env::var("CHROMIUM").ok();
    let known = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let find =
        || named.iter().map(String::as_str).chain(known).find_map(|name| answer(Command::new("which").arg(name)));
    if let Some(path) = find() {
        return Ok(path);
    }
    step("installing Chromium", || {
        install_debian(&["chromium"], "The browser tests need Chromium, or CHROMIUM with the path of a Chrome")
    })?;
    find().ok_or_else(|| "Chromium was installed but is not found; set CHROMIUM to its path".into())
}

fn install() -> Outcome {
    let folder = crate::repository().join("end2end");
    let installed = folder.join("node_modules/.package-lock.json");
    let age = |file: &Path| file.metadata().and_then(|metadata| metadata.modified()).ok();
    if age(&installed).is_some_and(|then| age(&folder.join("package-lock.json")).is_some_and(|lock| lock <= then)) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    // The tests use Debian's browser.
    run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
}

fn browse(chromium: &str, further: &[String]) -> Outcome {
    let root = crate::repository();
    let mut playwright = Command::new("npx");
    playwright.current_dir(root.join("end2end")).args(["playwright", "test"]).args(further);
    playwright.env("CHROMIUM", chromium).env("FERRIC", root.join("target/release/ferric"));
    playwright.env("DEMO", root.join("target/demo")).env("SITE", bundle::site());
    run(&mut playwright)
}
