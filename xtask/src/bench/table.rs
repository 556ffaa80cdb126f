//! Medians, ratios and the aligned table that a bench ends with.
//! The numbers are taken as they come: nothing is judged against its target here.

use std::fs;
use std::thread::available_parallelism;

/// The figures of the contestants, ours first, round by round.
#[derive(Default)]
pub(super) struct Rounds<const CONTESTANTS: usize>(Vec<[f64; CONTESTANTS]>);

impl<const CONTESTANTS: usize> Rounds<CONTESTANTS> {
    /// Adds a round and shows it, for those who wait.
    pub(super) fn push(&mut self, name: &str, figures: [f64; CONTESTANTS]) {
        self.0.push(figures);
        println!("{name}, round {}: {}", self.0.len(), figures.map(number).join(", "));
    }

    fn median_of(&self, figure: impl Fn(&[f64; CONTESTANTS]) -> f64) -> String {
        number(median(self.0.iter().map(figure).collect()))
    }
}

/// Rounds that were shown in another way, or not at all.
impl<const CONTESTANTS: usize> FromIterator<[f64; CONTESTANTS]> for Rounds<CONTESTANTS> {
    fn from_iter<All: IntoIterator<Item = [f64; CONTESTANTS]>>(figures: All) -> Self {
        Self(figures.into_iter().collect())
    }
}

/// A line of the table.
pub(super) struct Row(Vec<String>);

impl Row {
    /// The medians of `rounds`, and those of the ratios of ours to each peer.
    pub(super) fn new<const CONTESTANTS: usize>(name: &str, target: &str, rounds: &Rounds<CONTESTANTS>) -> Self {
        let mut cells = vec![name.to_owned(), rounds.median_of(|figures| figures[0])];
        for peer in 1..CONTESTANTS {
            cells.push(rounds.median_of(|figures| figures[peer]));
            cells.push(rounds.median_of(|figures| figures[0] / figures[peer]));
        }
        cells.push(target.to_owned());
        Self(cells)
    }

    /// The heads of the columns.
    fn heading(peers: &[&str]) -> Self {
        let peers = peers.iter().flat_map(|peer| [*peer, "ratio"]);
        Self(["figure", "ours"].into_iter().chain(peers).chain(["target"]).map(str::to_owned).collect())
    }
}

/// Prints the rows under a heading, names and targets to the left, numbers to the right.
pub(super) fn print(peers: &[&str], rows: &[Row]) {
    let heading = Row::heading(peers);
    let lines: Vec<&Row> = std::iter::once(&heading).chain(rows).collect();
    let last = heading.0.len() - 1;
    let widths: Vec<usize> = (0..=last)
        .map(|column| lines.iter().map(|Row(cells)| cells[column].chars().count()).max().unwrap_or_default())
        .collect();
    for Row(cells) in lines {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            let is_number = (1..last).contains(&column);
            if is_number { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// The machine on one line: cores, processor, kernel, and how busy it has been in the last minute.
pub(super) fn machine() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.map_or("unknown processor", |(_, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!("{cores} cores, {model}, Linux {}, load average {load} before", kernel.trim())
}

/// Three significant digits or all before the point.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// The middle value, or the mean of the two in the middle; not a number if there is none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_taken_round_by_round() {
        let mut rounds = Rounds::default();
        for round in [[1.0, 1.0, 1.0], [4.0, 2.0, 1.0], [9.0, 3.0, 1.0]] {
            rounds.push("figure", round);
        }
        assert_eq!(Row::new("figure", "", &rounds).0[1..6], ["4.00", "2.00", "2.00", "1.00", "4.00"]);
    }

    #[test]
    fn an_even_number_of_values_has_a_median_too() {
        assert_eq!(number(median(vec![9.0, 1.0, 3.0, 2.0])), "2.50");
        assert!(median(Vec::new()).is_nan());
    }
}
