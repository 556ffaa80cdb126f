//! The memory of a process, or of a server with all of its processes taken together, as the kernel counts it.
//! Only Linux is read, and only what a process itself holds: socket buffers and the page cache are not here.

use std::fs;
use std::io;

/// Memory of a process or several.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    /// All pages in memory, in KiB; those that processes share are counted for each of them.
    pub(super) resident_kib: u64,
    /// The pages among them that belong to no file, in KiB: heap and stacks, no program text, no mapped music.
    pub(super) anonymous_kib: u64,
}

impl Memory {
    /// What the process `root` and its descendants hold now.
    ///
    /// `smaps_rollup` counts page by page; `VmRSS` in `status` is a counter that lags behind by up to some
    /// hundred KiB for each core.
    pub(super) fn of_tree(root: u32) -> io::Result<Self> {
        let mut sum = Self::default();
        for process in tree(root)? {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            sum.resident_kib += kib(&rollup, "Rss:")?;
            sum.anonymous_kib += kib(&rollup, "Anonymous:")?;
        }
        Ok(sum)
    }

    /// The larger of each figure.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            resident_kib: self.resident_kib.max(other.resident_kib),
            anonymous_kib: self.anonymous_kib.max(other.anonymous_kib),
        }
    }
}

/// The most that a process has held in memory since it began, in KiB: what `getrusage` has as `ru_maxrss`.
pub(super) fn peak_kib(process: u32) -> io::Result<u64> {
    kib(&fs::read_to_string(format!("/proc/{process}/status"))?, "VmHWM:")
}

/// What of the memory that a process holds now belongs to no file, in KiB: without the mapped pages of a database.
pub(super) fn anonymous_kib(process: u32) -> io::Result<u64> {
    kib(&fs::read_to_string(format!("/proc/{process}/status"))?, "RssAnon:")
}

/// The process `root` and its descendants, parents first.
pub(super) fn tree(root: u32) -> io::Result<Vec<u32>> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end between being listed and being read.
        let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else { continue };
        if let Some(parent) = field(&status, "PPid:").and_then(|value| value.parse().ok()) {
            parents.push((process, parent));
        }
    }
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(&member) = tree.get(next) {
        tree.extend(parents.iter().filter(|(_, parent)| *parent == member).map(|(process, _)| process));
        next += 1;
    }
    Ok(tree)
}

fn kib(text: &str, name: &str) -> io::Result<u64> {
    let value = field(text, name).and_then(|value| value.strip_suffix("kB")?.trim_end().parse().ok());
    value.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("the kernel does not tell {name}")))
}

/// The value of the line that begins with `name`.
fn field<'text>(text: &'text str, name: &str) -> Option<&'text str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_smaps_is_read_in_kib() {
        let text = "00400000-7fff [rollup]\nRss:               51372 kB\nLazyFree:  1 kB\nAnonymous:  120 kB\n";
        assert_eq!(kib(text, "Rss:").unwrap(), 51_372);
        assert_eq!(kib(text, "Anonymous:").unwrap(), 120);
        assert!(kib(text, "Swap:").is_err());
    }

    #[test]
    fn this_process_has_memory_of_its_own() {
        assert!(anonymous_kib(std::process::id()).unwrap() > 0);
    }

    #[test]
    fn a_process_is_the_first_of_its_tree() {
        let own = std::process::id();
        assert_eq!(tree(own).unwrap().first(), Some(&own));
    }
}
