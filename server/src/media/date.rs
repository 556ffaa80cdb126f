//! HTTP dates (RFC 9110 5.6.7) in the three forms that a recipient must read, as seconds since 1970.
//! What a date decides is in `conditional`.

use std::time::{Duration, SystemTime};

use time::{Date, Month, OffsetDateTime, Time};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// In a form, `n` is a letter of the month's name, and `d`, `y`, `h`, `m` and `s` are digits; `_` is a digit of the
/// day or a space. Everything else stands for itself.
const IMF_FIXDATE: &str = "dd nnn yyyy hh:mm:ss GMT";
const RFC_850: &str = "dd-nnn-yy hh:mm:ss GMT";
const ASCTIME: &str = "nnn _d hh:mm:ss yyyy";

/// Whole seconds since 1970; no time before is told.
#[must_use]
pub fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Writes a date in the form that a sender must use; `seconds` since 1970.
#[must_use]
pub fn format(seconds: i64) -> String {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since)
}

/// Reads a date. `now`, in seconds since 1970, tells the century of a year with two digits. A weekday that does
/// not belong to the date is let pass, as other servers do.
#[must_use]
pub fn parse(text: &str, now: i64) -> Option<i64> {
    let (weekday, rest) = text.split_once(' ')?;
    let is_short = |name: &str| WEEKDAYS.iter().any(|weekday| weekday.get(..3) == Some(name));
    let fields = match weekday.strip_suffix(',') {
        None => is_short(weekday).then(|| Fields::read(rest, ASCTIME))??,
        Some(name) if is_short(name) => Fields::read(rest, IMF_FIXDATE)?,
        Some(name) => {
            let mut fields = WEEKDAYS.contains(&name).then(|| Fields::read(rest, RFC_850))??;
            fields.year = nearest(fields.year, OffsetDateTime::from_unix_timestamp(now).ok()?.year());
            fields
        }
    };
    fields.timestamp()
}

/// The year that a recipient must take two digits for: not more than 50 years ahead.
fn nearest(two_digits: i32, this_year: i32) -> i32 {
    let year = this_year - this_year % 100 + two_digits;
    if year > this_year + 50 { year - 100 } else { year }
}

#[derive(Default)]
struct Fields {
    year: i32,
    month: String,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Fields {
    fn read(text: &str, form: &str) -> Option<Self> {
        let mut fields = Self::default();
        if text.len() != form.len() {
            return None;
        }
        for (byte, sign) in text.bytes().zip(form.bytes()) {
            let digit = byte.is_ascii_digit().then(|| byte - b'0');
            match sign {
                b'n' => fields.month.push(char::from(byte)),
                b'y' => fields.year = fields.year * 10 + i32::from(digit?),
                b'_' if byte == b' ' => {}
                b'd' | b'_' => fields.day = fields.day * 10 + digit?,
                b'h' => fields.hour = fields.hour * 10 + digit?,
                b'm' => fields.minute = fields.minute * 10 + digit?,
                b's' => fields.second = fields.second * 10 + digit?,
                _ if byte == sign => {}
                _ => return None,
            }
        }
        Some(fields)
    }

    fn timestamp(&self) -> Option<i64> {
        let month = (1_u8..).zip(MONTHS).find(|(_, name)| *name == self.month)?.0;
        let date = Date::from_calendar_date(self.year, Month::try_from(month).ok()?, self.day).ok()?;
        // A leap second is the one after, as in the clocks of Unix.
        let leap = self.second == 60;
        let time = Time::from_hms(self.hour, self.minute, self.second - u8::from(leap)).ok()?;
        Some(date.with_time(time).assume_utc().unix_timestamp() + i64::from(leap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 January 2026.
    const NOW: i64 = 1_767_225_600;

    #[test]
    fn three_forms_are_one_time() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(parse(text, NOW), Some(784_111_777), "{text}");
        }
        assert_eq!(parse("Sat, 31 Dec 2016 23:59:60 GMT", NOW), Some(1_483_228_800));
        assert_eq!(parse("Thu, 01 Jan 1970 00:00:00 GMT", NOW), Some(0));
    }

    #[test]
    fn two_digits_are_at_most_fifty_years_ahead() {
        assert_eq!(
            [nearest(76, 2026), nearest(77, 2026), nearest(26, 2026), nearest(0, 2026)],
            [2076, 1977, 2026, 2000]
        );
        assert_eq!([nearest(5, 2099), nearest(99, 2099)], [2005, 2099]);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "Sun",
            "Sun, ",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Son Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text, NOW), None, "{text}");
        }
    }
}
