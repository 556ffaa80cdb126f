//! mutagen, the other side of the scans: where it comes from, and how long it takes to read a folder.
//! What is made of the figures is decided elsewhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Result;
use crate::step::{answer, done, install_debian, run};

/// The version that is compared with.
const VERSION: &str = "1.48.1";

/// Reads the tags of every file, and says how many seconds that took. The list of files is not counted.
const SCRIPT: &str = "
import os, sys, time
import mutagen

paths = [os.path.join(folder, name) for folder, _, names in os.walk(sys.argv[1]) for name in names]
begun = time.perf_counter()
for path in paths:
    assert mutagen.File(path).tags is not None, path
print(time.perf_counter() - begun)
";

/// Makes sure that there is a Python with mutagen below `target`, from PyPI, and answers where.
///
/// # Errors
/// When there is no Python, or PyPI cannot be reached.
pub(super) fn ensure() -> Result<PathBuf> {
    let room = crate::repository().join("target/mutagen");
    let python = room.join("bin/python");
    if version(&python).is_ok_and(|version| version == VERSION) {
        return Ok(python);
    }
    let make = || run(Command::new("python3").args(["-m", "venv"]).arg(&room));
    if answer(Command::new("python3").args(["-c", "import ensurepip"])).is_none() {
        install_debian(&["python3-venv"], "The bench needs Python with venv, to compare with mutagen")?;
    }
    make()?;
    done(&format!("installing mutagen {VERSION} from PyPI into {}", room.display()));
    let package = format!("mutagen=={VERSION}");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package]))?;
    Ok(python)
}

/// The version of mutagen that a Python has.
pub(super) fn version(python: &Path) -> Result<String> {
    let told = answer(Command::new(python).args(["-c", "import mutagen; print(mutagen.version_string)"]));
    told.ok_or_else(|| "mutagen does not run".into())
}

/// Seconds for all files below a folder.
pub(super) fn read(python: &Path, music: &Path) -> Result<f64> {
    let told = answer(Command::new(python).args(["-c", SCRIPT]).arg(music));
    told.and_then(|seconds| seconds.parse().ok()).ok_or_else(|| "mutagen could not read the files".into())
}
