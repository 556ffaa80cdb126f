//! The program itself as a child process, for what only a process shows: its log, its limits, its files, its end.
//! What it answers is tested with the server inside the test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::{Client, Reply};
use crate::harness::PASSWORD;

/// `ferric serve`, running.
pub struct Program {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its music folder is `music`, its data folder `data`.
    pub folder: TempDir,
    child: Child,
    log: Arc<(Mutex<Vec<String>>, Condvar)>,
}

/// The longest wait for something that the program does by itself.
const PATIENCE: Duration = Duration::from_mins(1);

impl Program {
    /// Starts it with these arguments beside the usual ones.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), "", arguments)
    }

    /// Starts it in a folder after a few words to the shell, as in `ulimit -n 256`.
    pub fn start_in(folder: TempDir, shell: &str, arguments: &[&str]) -> Self {
        let music = folder.path().join("music");
        std::fs::create_dir_all(&music).unwrap();
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("{shell}\nexec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_ferric"))
            .args(["serve", "--listen", "127.0.0.1:0", "--password", PASSWORD, "--music"])
            .arg(&music)
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::<(Mutex<Vec<String>>, Condvar)>::default();
        let (writing, stderr) = (Arc::clone(&log), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || {
            for line in stderr.split(b'\n').map_while(Result::ok) {
                writing.0.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
                writing.1.notify_all();
            }
        });
        let mut greeting = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(Ok(line)) = greeting.next() else {
            let _ = child.wait();
            panic!("it did not start: {:?}", log.0.lock().unwrap());
        };
        // Its further output must not block it.
        std::thread::spawn(move || greeting.for_each(drop));
        let address = line.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{line}"));
        Self { address, folder, child, log }
    }

    /// Its data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Puts a file into its music folder.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let file = self.folder.path().join("music").join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// One request on a connection of its own.
    pub fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let mut client = Client::connect(self.address);
        client.send(method, target, headers, body);
        client.read_reply(method)
    }

    /// The cookie of a browser that has signed in.
    pub fn owner(&self) -> String {
        let body = format!("password={}", PASSWORD.replace(' ', "+"));
        let reply = self.request("POST", "/login", &[crate::admin::FORM], body);
        reply.cookie("ferric_session").unwrap_or_else(|| panic!("{}", reply.text())).to_owned()
    }

    /// All log lines until now.
    pub fn log(&self) -> Vec<String> {
        self.log.0.lock().unwrap().clone()
    }

    /// Waits for a log line with these words, and answers it.
    pub fn wait_for(&self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut lines = self.log.0.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(words)) {
                return line.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no “{words}” in {lines:#?}");
            lines = self.log.1.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// All log lines up to the answers that were already received: a further request is made, whose line comes after
    /// them.
    pub fn log_until_now(&self) -> Vec<String> {
        let last = format!("/play/no-such-file-{}", self.log.0.lock().unwrap().len());
        assert_eq!(self.request("GET", &last, &[], "").status, 404);
        self.wait_for(&format!("{last}\""));
        self.log()
    }

    /// Limits the size of the files that it writes; with 0, nothing can be written to any file. It must ignore the
    /// signal that comes with it.
    pub fn limit_files_to(&self, bytes: Option<u64>) {
        let limit = rustix::process::Rlimit { current: bytes, maximum: None };
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::prlimit(Some(pid), rustix::process::Resource::Fsize, limit).unwrap();
    }

    /// Asks it to end, as a supervisor does.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Its memory in bytes, as it is now.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end with these arguments, and answers whether that was a success, and what it wrote.
pub fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
    let output = command.env_clear().current_dir(folder).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
