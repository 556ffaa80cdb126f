//! Log lines: for people in a terminal, or JSON for machines. One event is one line, whatever names are in it.
//! What is logged is decided where it happens.

use std::fmt::{self, Write};
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format;

use crate::config::LogFormat;

/// Starts logging to standard error.
///
/// # Errors
/// A sentence that names the variable when the filter cannot be parsed.
pub fn start(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| format!("--log (environment variable LOG) is not a log filter: {error}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => {
            // Names of files and what clients send may hold line breaks and codes for terminals.
            let fields = format::debug_fn(|writer, field, value| {
                let mut writer = Escaped(writer);
                match field.name() {
                    "message" => write!(writer, "{value:?}"),
                    // Of the `log` crate; the line has them already.
                    name if name.starts_with("log.") => Ok(()),
                    name => write!(writer, "{name}={value:?}"),
                }
            });
            let builder = builder.fmt_fields(fields.delimited(" "));
            builder.with_target(false).with_ansi(std::io::stderr().is_terminal()).init();
        }
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Writes control characters, and those that break or reorder a line, as their codes.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if breaks_lines(character) {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

fn breaks_lines(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_line_or_steer_a_terminal_is_written_as_its_code() {
        let mut text = String::new();
        write!(Escaped(&mut text), "a\nb\r\t\u{1b}[31m\u{7f}\u{85}\u{2028}\u{202e}é“日”").unwrap();
        assert_eq!(text, r"a\nb\r\t\u{1b}[31m\u{7f}\u{85}\u{2028}\u{202e}é“日”");
    }
}
