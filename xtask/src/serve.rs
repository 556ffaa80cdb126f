//! `cargo xtask serve` and `cargo xtask demo`: from a clone to a running server.
//! The server's own options are documented by `ferric serve --help`.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::step::{cargo, done, run, step};
use crate::{Outcome, bundle, demo};

/// Options of `cargo xtask serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// Folder with your music; without it, a demo library is made.
    #[arg(long)]
    music: Option<PathBuf>,
    /// Folder for the database and covers. Default: collection-data, or a folder of the demo's own.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Further options for `ferric serve`.
    #[arg(last = true)]
    further: Vec<String>,
}

/// Builds what has changed and becomes the server.
pub(crate) fn serve(options: &Options) -> Outcome {
    bundle::bundle()?;
    let ferric = build_server()?;
    let demo = if options.music.is_none() { Some(make_demo()?) } else { None };
    let music = options.music.clone().or_else(|| demo.as_ref().map(|demo| demo.join("music"))).unwrap_or_default();
    let data = options.data.clone().unwrap_or_else(|| match &demo {
        Some(demo) => data_of(demo),
        None => PathBuf::from("collection-data"),
    });
    if let Some(demo) = &demo {
        import(&ferric, demo, &data)?;
    }
    println!();
    let mut server = Command::new(ferric);
    server.arg("serve").arg("--music").arg(music).arg("--data").arg(data).arg("--site").arg(bundle::site());
    // From here on this process is the server, so that signals reach it.
    Err(server.args(&options.further).exec().into())
}

/// Makes the demo library and imports its mixtape; answers its folder.
pub(crate) fn demo() -> Outcome<PathBuf> {
    let ferric = build_server()?;
    let demo = make_demo()?;
    import(&ferric, &demo, &data_of(&demo))?;
    Ok(demo)
}

/// Builds the server and answers the path of its program.
pub(crate) fn build_server() -> Outcome<PathBuf> {
    step("compiling the server", || run(cargo().args(["build", "--locked", "--release", "--package", "server"])))?;
    Ok(crate::repository().join("target/release/ferric"))
}

/// Where the demo's mixtapes are kept: beside the library, which may be made anew without losing them.
pub(crate) fn data_of(demo: &Path) -> PathBuf {
    demo.with_file_name("demo-data")
}

/// Makes the demo library, if it is not there yet; answers its folder.
pub(crate) fn make_demo() -> Outcome<PathBuf> {
    let folder = crate::repository().join("target/demo");
    step("making the demo library", || demo::make(&folder, &done))?;
    Ok(folder)
}

fn import(ferric: &Path, demo: &Path, data: &Path) -> Outcome {
    let mut import = Command::new(ferric);
    import.arg("import").arg(demo).arg("--data").arg(data).env("LOG", "warn").stdout(Stdio::null());
    run(&mut import)
}
