//! As many requests as a server will answer, from `wrk` (github.com/wg/wrk): how it is run and what it reports.
//! What is asked for, and which figure comes out of the tally, is for the caller to say.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::fixture::WHOLE;
use crate::bench::Result;

/// What a server has done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tally {
    /// Bytes a second, those of heads and of unfinished answers included.
    pub(super) bytes: f64,
    /// Finished answers a second.
    pub(super) answers: f64,
}

/// Keeps `connections` connections busy for `time`, from one thread. `script` is Lua that makes the requests; without
/// one, each asks for the whole file.
pub(super) fn run(address: SocketAddr, connections: usize, time: Duration, script: Option<&Path>) -> Result<Tally> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--timeout", "30s"]).arg(format!("--duration={}s", time.as_secs()));
    wrk.arg(format!("--connections={connections}"));
    if let Some(script) = script {
        wrk.arg("--script").arg(script);
    }
    let output = wrk.arg(format!("http://{address}{}", WHOLE.path)).output()?;
    let report = String::from_utf8_lossy(&output.stdout);
    read(&report).ok_or_else(|| format!("wrk: {report}{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Reads a report; none when there was an error or an answer that is none of 2xx.
fn read(report: &str) -> Option<Tally> {
    if report.contains("Socket errors") || report.contains("Non-2xx") {
        return None;
    }
    let figure = |name: &str| report.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    Some(Tally { bytes: bytes(figure("Transfer/sec:")?)?, answers: figure("Requests/sec:")?.parse().ok()? })
}

/// Reads a figure as `1.23GB`; its units are powers of 1024.
fn bytes(figure: &str) -> Option<f64> {
    let unit = figure.find(|sign: char| sign.is_ascii_alphabetic())?;
    let factor = match &figure[unit..] {
        "B" => 1.0,
        "KB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(figure[..unit].parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_and_one_with_errors_is_not() {
        let report = "  7 requests in 1.00s, 280.1MB read\nRequests/sec:      6.98\nTransfer/sec:      2.50GB\n";
        assert_eq!(read(report), Some(Tally { bytes: 2.5 * 1024.0 * 1024.0 * 1024.0, answers: 6.98 }));
        assert_eq!(read(&format!("{report}  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(read(&format!("  Socket errors: connect 0, read 1, write 0, timeout 0\n{report}")), None);
    }
}
