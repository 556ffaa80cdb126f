//! The processor time that processes have used, as the kernel counts it, in steps of 10 ms.
//! Only Linux is read; who used it for what is for the caller to know.

use std::fs;
use std::io;

/// What the kernel counts in a second for programs to read (`USER_HZ`): 100 on every processor that Debian runs on.
const TICKS_A_SECOND: f64 = 100.0;

/// Where the counters stand among the fields after a program's name: user, then system time.
const OWN: usize = 11;
const CHILDREN: usize = 13;

/// Seconds of a process until now, user and system, with threads that have ended.
pub(super) fn of_process(process: u32) -> io::Result<f64> {
    seconds(&fs::read_to_string(format!("/proc/{process}/stat"))?, OWN)
}

/// Seconds of all children of this process that have ended and been waited for.
pub(super) fn of_ended_children() -> io::Result<f64> {
    seconds(&fs::read_to_string("/proc/self/stat")?, CHILDREN)
}

/// The sum of the counter at `first` and the next.
fn seconds(stat: &str, first: usize) -> io::Result<f64> {
    // The name may hold spaces and brackets, but nothing after it holds a bracket.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace());
    let ticks: Vec<u32> =
        fields.into_iter().flatten().skip(first).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    let [user, system] = ticks[..] else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the kernel does not tell processor time"));
    };
    Ok((f64::from(user) + f64::from(system)) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_behind_any_name() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 1000 250 20 0 1 0 99";
        assert!((seconds(stat, OWN).unwrap() - 2.0).abs() < 1e-9);
        assert!((seconds(stat, CHILDREN).unwrap() - 12.5).abs() < 1e-9);
        assert!(seconds("7 (a) S 1", OWN).is_err());
    }
}
