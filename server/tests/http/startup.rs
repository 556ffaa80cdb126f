//! What the program does before it listens: it refuses folders that would give things away, and keeps its files to
//! itself. How flags are read is tested in `server::config`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use library::Store;
use model::Timestamp;

use crate::program::{Program, run};

/// Not an address of this machine, so that a start that is not refused earlier ends there.
const NOWHERE: [&str; 2] = ["--listen", "192.0.2.1:1"];

#[test]
fn folders_that_lie_inside_each_other_are_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("music/inside")).unwrap();
    let serve =
        |arguments: &[&str]| run(folder.path(), &[&["serve", "--password", "x"][..], &NOWHERE, arguments].concat());
    for arguments in [
        &["--music", "music", "--data", "music/data"][..],
        &["--music", "music", "--data", "music"],
        &["--music", "music", "--data", "."],
        &["--music", "music/inside/..", "--data", "music/inside"],
        &["--music", "."],
    ] {
        let (is_started, words) = serve(arguments);
        assert!(!is_started && words.contains("--music") && words.contains("--data"), "{arguments:?}: {words}");
    }
    let (_, words) = serve(&["--music", "music", "--data", "data", "--audio-cache-dir", "../music/cache"]);
    assert!(words.contains("--music") && words.contains("--audio-cache-dir"), "{words}");
    let (is_done, words) = run(folder.path(), &["scan", "--music", "music", "--data", "music/data"]);
    assert!(!is_done && words.contains("--music") && words.contains("--data"), "{words}");
    let left = files_below(folder.path());
    assert_eq!(left, [folder.path().join("music"), folder.path().join("music/inside")]);
    let (_, words) = serve(&["--music", "music", "--data", "data"]);
    assert!(words.contains("LISTEN"), "{words}");
}

/// All files and folders below a folder, in order.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.clone());
        if path.is_dir() {
            found.extend(files_below(&path));
        }
    }
    found.sort();
    found
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_kept_is_for_the_programs_own_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let made = Program::start_in(folder, "umask 022", &[]);
    let cookie = made.owner();
    let drawn = made.request(
        "POST",
        "/api/draw_cover",
        &[("Content-Type", "application/json"), ("Cookie", &cookie)],
        r#"{"title": "Rain"}"#,
    );
    assert_eq!(drawn.status, 200, "{}", drawn.text());
    let others = |path: &PathBuf| mode(path) & 0o077 != 0;
    let kept = files_below(&data);
    for name in ["mixtapes.db", "mixtapes.db-wal", "covers"] {
        assert!(kept.contains(&data.join(name)), "{name} in {kept:?}");
    }
    assert!(kept.iter().any(|path| path.parent().is_some_and(|folder| folder.ends_with("covers"))), "{kept:?}");
    assert_eq!((mode(&data), kept.into_iter().filter(others).collect::<Vec<_>>()), (0o700, vec![]));
    let (is_done, words) = run(made.folder.path(), &["backup", "tapes.zip", "--data", "data"]);
    assert!(is_done, "{words}");
    assert_eq!(mode(&made.folder.path().join("tapes.zip")), 0o600);

    // What an earlier program has left open is closed.
    for (path, mode) in [("mixtapes.db", 0o644), ("", 0o755)] {
        std::fs::set_permissions(data.join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let (_, words) = run(made.folder.path(), &["cache", "stats", "--data", "data"]);
    let (is_done, more) = run(made.folder.path(), &["cache", "--data", "data", "stats"]);
    assert!(is_done || words.contains("cached"), "{words}{more}");
    assert_eq!((mode(&data), mode(&data.join("mixtapes.db"))), (0o700, 0o600));
}

#[test]
fn the_password_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("music")).unwrap();
    let serve = |arguments: &[&str]| {
        let usual = ["serve", "--music", "music", "--data", "data", "--production"];
        run(folder.path(), &[&usual[..], &NOWHERE[..], arguments].concat()).1
    };
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    std::fs::write(folder.path().join("password"), "from a file\n").unwrap();
    for name in ["empty", "nothing"] {
        let refusal = serve(&["--password-file", name]);
        assert!(refusal.contains("PASSWORD_FILE") && refusal.contains(name), "{refusal}");
    }
    let both = serve(&["--password-file", "password", "--password", "x"]);
    assert!(both.contains("--password-file"), "{both}");
    let started = serve(&["--password-file", "password"]);
    assert!(started.contains("LISTEN"), "{started}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        assert!(store.sign_in("from a file", Timestamp(1)).await.unwrap().is_some());
        store.close().await;
    });
}

#[test]
fn a_proxy_that_is_not_trusted_is_named_once_with_what_to_set() {
    let program = Program::start(&[]);
    for _ in 0..3 {
        program.request("GET", "/login", &[("X-Forwarded-For", "192.0.2.1"), ("Accept", "text/html")], "");
    }
    let line = program.wait_for("--trusted-proxies (TRUSTED_PROXIES)");
    assert!(line.contains("127.0.0.1"), "{line}");
    program.request("GET", "/play/after-all.wav", &[], "");
    program.wait_for("after-all");
    assert_eq!(program.log().iter().filter(|line| line.contains("TRUSTED_PROXIES")).count(), 1);
    let trusting = Program::start(&["--trusted-proxies", "127.0.0.1"]);
    trusting.request("GET", "/login", &[("X-Forwarded-For", "192.0.2.1"), ("Accept", "text/html")], "");
    trusting.request("GET", "/play/after-all.wav", &[], "");
    trusting.wait_for("after-all");
    assert!(!trusting.log().iter().any(|line| line.contains("TRUSTED_PROXIES")));
}

#[test]
fn a_name_cannot_write_a_line_of_the_log() {
    let program = Program::start(&[]);
    program.put("on\ndisk FORGED.wav", &crate::harness::wav(10));
    for target in ["/play/a%0AFORGED%1B%5B31m%0D", "/play/on%0Adisk%20FORGED.wav", "/share/x%0AFORGED"] {
        program.request("GET", target, &[], "");
    }
    program.request("GET", "/play/after-all.wav", &[], "");
    program.wait_for("after-all");
    let log = program.log();
    assert!(log.iter().filter(|line| line.contains("FORGED")).count() >= 2, "{log:#?}");
    for line in &log {
        assert!(line.starts_with("20") && !line.contains(['\u{1b}', '\r']), "{line:?} in {log:#?}");
    }
}
