//! Medians, ratios and the aligned table that a bench ends with.
//! The numbers are taken as they come: nothing is judged against its target here.

use std::fs;
use std::thread::available_parallelism;

/// Servers in a table: ours, nginx, nginx without `tcp_nopush`.
pub(super) const SERVERS: usize = 3;

/// The heads of the columns.
const HEADING: [&str; 7] = ["figure", "ours", "nginx", "ratio", "nopush off", "ratio", "target"];

/// The figures of the servers, round by round.
#[derive(Default)]
pub(super) struct Rounds(Vec<[f64; SERVERS]>);

impl Rounds {
    /// Adds a round and shows it, for those who wait.
    pub(super) fn push(&mut self, name: &str, figures: [f64; SERVERS]) {
        self.0.push(figures);
        println!("{name}, round {}: {}", self.0.len(), figures.map(number).join(", "));
    }

    fn median_of(&self, figure: impl Fn(&[f64; SERVERS]) -> f64) -> String {
        number(median(self.0.iter().map(figure).collect()))
    }
}

/// A line of the table.
pub(super) struct Row([String; HEADING.len()]);

impl Row {
    /// The medians of `rounds`, and those of the ratios of ours to each nginx.
    pub(super) fn new(name: &str, target: &str, rounds: &Rounds) -> Self {
        Self([
            name.to_owned(),
            rounds.median_of(|[ours, _, _]| *ours),
            rounds.median_of(|[_, nginx, _]| *nginx),
            rounds.median_of(|[ours, nginx, _]| ours / nginx),
            rounds.median_of(|[_, _, nginx]| *nginx),
            rounds.median_of(|[ours, _, nginx]| ours / nginx),
            target.to_owned(),
        ])
    }
}

/// Prints the rows under a heading, names and targets to the left, numbers to the right.
pub(super) fn print(rows: &[Row]) {
    let heading = Row(HEADING.map(str::to_owned));
    let lines: Vec<&Row> = std::iter::once(&heading).chain(rows).collect();
    let widths: [usize; HEADING.len()] = std::array::from_fn(|column| {
        lines.iter().map(|Row(cells)| cells[column].chars().count()).max().unwrap_or_default()
    });
    for Row(cells) in lines {
        let padded: [String; HEADING.len()] = std::array::from_fn(|column| {
            let (cell, width) = (&cells[column], widths[column]);
            let is_number = (1..HEADING.len() - 1).contains(&column);
            if is_number { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        println!("{}", padded.join("  ").trim_end());
    }
}

/// The machine on one line: cores, processor, kernel.
pub(super) fn machine() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{cores} cores, {}, Linux {}; servers and load share them",
        model.map_or("unknown processor", |(_, model)| model),
        kernel.trim()
    )
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
