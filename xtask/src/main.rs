//! `cargo xtask`: everything between a fresh clone and a running or tested Ferric, without shell scripts.
//! It stands apart from the product: nothing here is part of what runs on a server.

mod bench;
mod bundle;
mod demo;
mod serve;
mod step;
mod supply_chain;
mod test;
mod wasm_target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What every step may answer: the first thing that went wrong, as a sentence.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Sets up, runs, tests and measures Ferric.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and start the server, on a demo library unless --music names one.
    Serve(serve::Options),
    /// Run all checks and tests.
    Test(test::Options),
    /// Build the browser bundle into target/site.
    Bundle,
    /// Make the demo library in target/demo.
    Demo,
    /// Measure, beside a peer in the same minute.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// Streaming, beside nginx.
    Stream,
    /// Transcoding, beside ffmpeg.
    Transcode,
    /// The owner's page with many mixtapes, and saving while tracks are made ready.
    Shelf,
    /// Everything else while very many listeners want files that are not in the cache.
    Flood,
    /// Scanning the music folder and searching it, beside mutagen and LIKE.
    Library,
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Serve(options) => serve::serve(&options),
        Command::Test(options) => test::test(&options),
        Command::Bundle => bundle::bundle(),
        Command::Demo => serve::demo().map(|demo| step::done(&format!("demo library in {}", demo.display()))),
        Command::Bench { what } => serve::build_server().and_then(|ferric| match what {
            Bench::Stream => bench::stream(&ferric),
            Bench::Transcode => bench::transcode(&ferric, &serve::make_demo()?),
            Bench::Library => bench::library(&ferric),
            Bench::Flood => bench::flood(&ferric),
            Bench::Shelf => bench::shelf(&ferric),
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: `cargo xtask` may be called anywhere below it.
fn repository() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}
