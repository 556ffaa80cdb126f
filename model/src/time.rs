//! Lengths of audio and points in time, in the units that the database and the pages use.
//! Calendars and time zones are not for here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of audio in milliseconds; displays as `M:SS` or `H:MM:SS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Millis(pub u64);

impl Millis {
    /// From seconds; negative and non-finite values (an `<audio>` element reports `NaN` and infinity) are zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range is checked just before
    pub fn from_seconds(seconds: f64) -> Self {
        if seconds.is_finite() && seconds > 0.0 { Self((seconds * 1000.0).round() as u64) } else { Self(0) }
    }

    /// In seconds.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// In words for a screen reader: "3 minutes 4 seconds".
    #[must_use]
    pub fn spoken(self) -> String {
        let (hours, minutes, seconds) = self.parts();
        let mut words = Vec::new();
        for (count, unit) in [(hours, "hour"), (minutes, "minute"), (seconds, "second")] {
            if count > 0 || (unit == "second" && words.is_empty()) {
                words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
            }
        }
        words.join(" ")
    }

    /// Parses the `M:SS` and `H:MM:SS` of the original's files.
    #[must_use]
    pub fn parse_clock(text: &str) -> Option<Self> {
        let mut seconds = 0_u64;
        let parts: Vec<_> = text.trim().split(':').collect();
        if !(2..=3).contains(&parts.len()) {
            return None;
        }
        for (place, part) in parts.iter().enumerate() {
            let value: u64 = part.parse().ok()?;
            if place > 0 && value >= 60 {
                return None;
            }
            seconds = seconds.checked_mul(60)?.checked_add(value)?;
        }
        seconds.checked_mul(1000).map(Self)
    }

    const fn parts(self) -> (u64, u64, u64) {
        let seconds = self.0 / 1000;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (0, minutes, seconds) => write!(f, "{minutes}:{seconds:02}"),
            (hours, minutes, seconds) => write!(f, "{hours}:{minutes:02}:{seconds:02}"),
        }
    }
}

impl std::iter::Sum for Millis {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        Self(lengths.map(|length| length.0).sum())
    }
}

/// A point in time: seconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_like_a_player_shows_them() {
        assert_eq!(Millis(0).to_string(), "0:00");
        assert_eq!(Millis(59_999).to_string(), "0:59");
        assert_eq!(Millis(184_000).to_string(), "3:04");
        assert_eq!(Millis(3_725_000).to_string(), "1:02:05");
        assert_eq!(Millis::from_seconds(f64::NAN), Millis(0));
        assert_eq!(Millis::from_seconds(f64::INFINITY), Millis(0));
        assert_eq!(Millis::from_seconds(1.2345), Millis(1235));
    }

    #[test]
    fn lengths_are_spoken_in_words() {
        assert_eq!(Millis(0).spoken(), "0 seconds");
        assert_eq!(Millis(61_000).spoken(), "1 minute 1 second");
        assert_eq!(Millis(7_200_000).spoken(), "2 hours");
    }

    #[test]
    fn clock_times_parse() {
        assert_eq!(Millis::parse_clock("3:04"), Some(Millis(184_000)));
        assert_eq!(Millis::parse_clock("1:02:05"), Some(Millis(3_725_000)));
        for bad in ["", "3", "3:60", "a:04", "1:2:3:4", "-1:00"] {
            assert_eq!(Millis::parse_clock(bad), None, "{bad:?}");
        }
    }
}
