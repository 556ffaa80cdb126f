//! The servers of a bench as child processes: how each is started, when it is ready, how it is ended.
//! What is asked of them, and how they do, is decided elsewhere.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};

use super::Result;
use super::client::answers;
use super::cpu;
use super::folder::Folder;
use super::memory::{Memory, peak_kib, tree};
use crate::step::install_debian;

/// How long a server may take until it is ready, and until it rests.
const START_PATIENCE: Duration = Duration::from_mins(1);

/// How long a server may take to end when asked to.
const END_PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait between looking and looking again.
const PAUSE: Duration = Duration::from_millis(20);

/// A server that has used no processor time for so long has nothing left to do.
const REST: Duration = Duration::from_millis(200);

/// What changes how files are transcoded, were it set where the bench is started.
const SETTINGS: [&str; 5] =
    ["LOG", "AUDIO_CACHE_ENABLED", "AUDIO_CACHE_DIR", "AUDIO_CACHE_MAX_SIZE", "AUDIO_CACHE_ON_MISS"];

/// A server program.
pub(super) enum Program {
    /// Ours, at this path.
    Ferric(PathBuf),
    /// The nginx of the system, with or without `tcp_nopush`.
    Nginx { nopush: bool },
}

impl Program {
    fn name(&self) -> &'static str {
        match self {
            Self::Ferric(_) => "ours",
            Self::Nginx { nopush: true } => "nginx",
            Self::Nginx { nopush: false } => "nginx without tcp_nopush",
        }
    }

    /// The command that serves `music` at `address` and keeps what it writes in `room`.
    fn command(&self, address: SocketAddr, music: &Path, room: &Path) -> io::Result<Command> {
        // Dropping a `Server` ends it, but nothing is dropped when the bench is killed: the kernel sees to that.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]);
        match self {
            Self::Ferric(path) => {
                let (data, site) = (room.join("data"), room.join("site"));
                fs::create_dir(&data)?;
                fs::create_dir(&site)?;
                command.arg(path).args(["serve", "--listen", &address.to_string()]);
                command.arg("--music").arg(music).arg("--data").arg(data).arg("--site").arg(site);
                command.env("PASSWORD", "bench");
                for setting in SETTINGS {
                    command.env_remove(setting);
                }
            }
            Self::Nginx { nopush } => {
                let configuration = room.join("nginx.conf");
                fs::write(&configuration, nginx_configuration(address, music, room, *nopush))?;
                command.arg("nginx").arg("-p").arg(room).arg("-c").arg(configuration);
                // A user's PATH often leaves out where Debian has it.
                command.env("PATH", search_path());
            }
        }
        Ok(command)
    }
}

/// A running server; dropping it ends it with all its processes, and removes what it wrote.
pub(super) struct Server {
    name: &'static str,
    address: SocketAddr,
    child: Child,
    room: PathBuf,
}

impl Server {
    /// Starts a program on a free port of 127.0.0.1, with an empty folder for what it writes, and waits until all
    /// paths in `ready` answer.
    pub(super) fn start(program: &Program, folder: &Folder, ready: &[&str]) -> Result<Self> {
        let name = program.name();
        let address = free_address()?;
        let room = folder.room(&address.port().to_string())?;
        let complaints = room.join("stderr");
        let child = program
            .command(address, &folder.music(), &room)?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&complaints)?)
            .spawn()
            .map_err(|error| format!("setpriv (Debian: util-linux) did not start: {error}"))?;
        let mut server = Self { name, address, child, room };
        if let Err(error) = server.wait_until_ready(ready) {
            return Err(format!("{name}: {error}\n{}", fs::read_to_string(&complaints)?.trim_end()).into());
        }
        Ok(server)
    }

    /// What the output calls it.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its processes hold in memory now.
    pub(super) fn memory(&self) -> io::Result<Memory> {
        Memory::of_tree(self.child.id())
    }

    /// The processor time that its first process has used until now, in seconds.
    pub(super) fn cpu(&self) -> io::Result<f64> {
        cpu::of_process(self.child.id())
    }

    /// The most that its first process has held in memory, in KiB.
    pub(super) fn peak_kib(&self) -> io::Result<u64> {
        peak_kib(self.child.id())
    }

    /// Waits until what a start brings with it is done, as looking through the music is.
    pub(super) fn rest(&self) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        let mut before = self.cpu()?;
        loop {
            thread::sleep(REST);
            let now = self.cpu()?;
            // A tick is a hundredth of a second, so only equal figures differ by less than half of it.
            if now - before < 0.005 {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err("does not come to rest".into());
            }
            before = now;
        }
    }

    /// Ends it in the middle of whatever it does.
    pub(super) fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn wait_until_ready(&mut self, ready: &[&str]) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        for path in ready {
            while !answers(self.address, path) {
                if let Some(status) = self.child.try_wait()? {
                    return Err(format!("ended at once, {status}").into());
                }
                if Instant::now() > deadline {
                    return Err(format!("{path} does not answer").into());
                }
                thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// Asks the process to end; whether it did before [`END_PATIENCE`] was over.
    fn end(&mut self) -> io::Result<bool> {
        send(self.child.id(), Signal::TERM)?;
        let deadline = Instant::now() + END_PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                return Ok(false);
            }
            thread::sleep(PAUSE);
        }
        Ok(true)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has been waited for must not be signalled: its number may be someone else's by now.
        let is_running = matches!(self.child.try_wait(), Ok(None));
        if is_running && !matches!(self.end(), Ok(true)) {
            for process in tree(self.child.id()).unwrap_or_else(|_| vec![self.child.id()]) {
                // It may have ended by itself, which is as good.
                let _ = send(process, Signal::KILL);
            }
            let _ = self.child.wait();
        }
        // What cannot be removed now goes with the folder.
        let _ = fs::remove_dir_all(&self.room);
    }
}

fn send(process: u32, signal: Signal) -> io::Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(process.ok_or(io::ErrorKind::InvalidInput)?, signal)?;
    Ok(())
}

/// An address that nobody listened at a moment ago.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A configuration that leaves out all that costs nginx time.
fn nginx_configuration(address: SocketAddr, music: &Path, room: &Path, nopush: bool) -> String {
    // As root, workers would become an unprivileged user, who may not enter the temporary directory.
    let user = if geteuid().is_root() { "user root;" } else { "" };
    let nopush = if nopush { "on" } else { "off" };
    let (music, room) = (music.display(), room.display());
    format!(
        r#"daemon off;
{user}
pid "{room}/nginx.pid";
error_log "{room}/error.log";
worker_processes auto;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush {nopush};
    keepalive_requests 1000000000;
    client_body_temp_path "{room}/body";
    proxy_temp_path "{room}/proxy";
    fastcgi_temp_path "{room}/fastcgi";
    uwsgi_temp_path "{room}/uwsgi";
    scgi_temp_path "{room}/scgi";
    server {{
        listen {address};
        location = /readyz {{ return 200; }}
        location /play/ {{ alias "{music}/"; }}
    }}
}}
"#
    )
}

/// Makes sure that there is an nginx to compare with and a wrk to make the load; where that is allowed, by
/// installing them.
///
/// # Errors
/// When one is missing and cannot be installed.
pub(super) fn ensure_programs() -> Result<()> {
    if has_nginx() && has_wrk() {
        return Ok(());
    }
    install_debian(&["nginx-light", "wrk"], "The bench needs nginx to compare with, and wrk for the load")
}

fn has_wrk() -> bool {
    // It prints its version and ends with 1.
    Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn has_nginx() -> bool {
    let version =
        Command::new("nginx").arg("-v").env("PATH", search_path()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn search_path() -> String {
    format!("{}:/usr/local/sbin:/usr/sbin", std::env::var("PATH").unwrap_or_default())
}
