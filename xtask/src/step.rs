//! Steps that people watch: what is being done, how long it took, and what to do when it fails.
//! What the steps are is decided by the commands.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// Announces a step, does it and says how long it took. The step's own output stands between.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let bold = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("{}▸ {what}{}", bold.0, bold.1);
    let start = Instant::now();
    let result = work()?;
    println!("  {what}: {}", seconds(start.elapsed()));
    Ok(result)
}

/// Says that something is finished or was there already.
pub(crate) fn done(what: &str) {
    println!("  {what}");
    let _ = std::io::stdout().flush();
}

fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(90) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// Runs a program with its output shown.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.stdin(Stdio::null()).status().map_err(|error| format!("{name} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status}); its output above says why").into()) }
}

/// Runs a program and answers its standard output, trimmed; `None` when it is not there or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `cargo` as the one that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::repository());
    cargo
}

/// Installs Debian packages, where this machine has them and we may; else says what to do.
pub(crate) fn install_debian(packages: &[&str], purpose: &str) -> Outcome {
    let by_hand = format!("{purpose}. Please install: {}", packages.join(" "));
    if answer(Command::new("apt-get").arg("--version")).is_none() {
        return Err(by_hand.into());
    }
    let as_root = if rustix::process::geteuid().is_root() {
        vec![]
    } else if answer(Command::new("sudo").args(["-n", "true"])).is_some() {
        vec!["sudo", "-n"]
    } else {
        return Err(format!("{by_hand} (sudo apt-get install {})", packages.join(" ")).into());
    };
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = as_root.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied()).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        run(&mut command)
    };
    done(&format!("installing {} from Debian's packages", packages.join(", ")));
    // A list that is old or half out of reach may still name what is needed.
    let _ = apt(&["update", "-qq"]);
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    apt(&install).map_err(|error| format!("{by_hand} ({error})").into())
}
