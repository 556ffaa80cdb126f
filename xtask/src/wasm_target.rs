//! The compiler for WebAssembly: rustup's target where its server can be reached, else Debian's own compiler
//! with a standard library built from its sources. Building the bundle is done elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::step::{answer, cargo, done, install_debian, run, step};

/// The name of the target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Where Debian's compiler looks for standard libraries.
const DEBIAN_LIBRARIES: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
const DEBIAN_COMPILER: &str = "/usr/bin/rustc";

/// The compiler to build the bundle with.
pub(crate) enum Compiler {
    /// The one of this toolchain.
    Toolchain,
    /// Debian's, linking with this linker.
    Debian { linker: PathBuf },
}

impl Compiler {
    /// Makes sure that there is one, installing what is missing.
    pub(crate) fn find() -> Outcome<Self> {
        if has_target() {
            return Ok(Self::Toolchain);
        }
        step("adding the WebAssembly target", || {
            let added = run(Command::new("rustup").args(["target", "add", TARGET]));
            if added.is_ok() && has_target() {
                return Ok(Self::Toolchain);
            }
            done("rustup could not fetch it; using Debian's packages instead");
            debian()
        })
    }

    /// Tells cargo to use it.
    pub(crate) fn apply(&self, cargo: &mut Command) {
        if let Self::Debian { linker } = self {
            cargo.env("RUSTC", DEBIAN_COMPILER).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }
}

/// Whether this toolchain has the target's standard library.
fn has_target() -> bool {
    let folder = answer(rustc().args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| has_standard_library(Path::new(&folder)))
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn has_standard_library(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    })
}

/// Debian's compiler, its sources and a standard library made of them.
fn debian() -> Outcome<Compiler> {
    let purpose = "The WebAssembly target is missing and rustup cannot fetch it";
    let sources = Path::new("/usr/lib/rustlib/src/rust/library/std");
    if !Path::new(DEBIAN_COMPILER).exists() || !sources.exists() {
        install_debian(&["rustc-web", "rust-web-src", "rust-web-llvm"], purpose)?;
    }
    // rustup's toolchain brings a linker, which Debian packages apart.
    let sysroot = answer(rustc().args(["--print", "sysroot"])).unwrap_or_default();
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let linkers =
        [Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld"), PathBuf::from("/usr/bin/rust-lld")];
    let Some(linker) = linkers.into_iter().find(|linker| linker.exists()) else {
        return Err(format!("{purpose}, and there is no rust-lld to link with. Please install: lld").into());
    };
    if !has_standard_library(Path::new(DEBIAN_LIBRARIES)) {
        build_standard_library()?;
    }
    Ok(Compiler::Debian { linker })
}

/// Builds the standard library once, in a crate that holds nothing else, and puts it where the compiler looks.
fn build_standard_library() -> Outcome {
    done("building its standard library, once (about a minute)");
    let folder = crate::repository().join("target/wasm-std");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2021\"\n[workspace]\n")?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let mut build = cargo();
    build
        .current_dir(&folder)
        .args(["build", "--release", "-Zbuild-std=std,panic_abort,proc_macro", "--target", TARGET])
        .args(["--target-dir", "target"])
        .env("RUSTC", DEBIAN_COMPILER)
        .env("RUSTC_BOOTSTRAP", "1")
        // The bundle is optimised as a whole, which needs more than machine code.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    run(&mut build)?;
    let place = |library: &Path| -> Outcome {
        let target = Path::new(DEBIAN_LIBRARIES).join(library.file_name().unwrap_or_default());
        if fs::create_dir_all(DEBIAN_LIBRARIES).and_then(|()| fs::copy(library, &target)).is_ok() {
            return Ok(());
        }
        run(Command::new("sudo").args(["-n", "install", "-D", "-m644"]).arg(library).arg(&target))
    };
    for entry in fs::read_dir(folder.join("target").join(TARGET).join("release/deps"))? {
        let library = entry?.path();
        if library.extension().is_some_and(|ending| ending == "rlib") {
            place(&library)?;
        }
    }
    Ok(())
}
