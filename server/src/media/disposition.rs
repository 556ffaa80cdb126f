//! `Content-Disposition`: for a file that is played in place and may be saved under its own name, and for one that
//! is only saved. Only the header's value is made here.

use std::ffi::OsStr;
use std::fmt::Write;

use http::HeaderValue;

/// `inline` with an ASCII fallback and the real name in UTF-8 (RFC 6266, RFC 5987; seed 002, "Filename
/// encoding"). Bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn inline(file_name: &OsStr) -> HeaderValue {
    named("inline", &file_name.to_string_lossy())
}

/// `attachment`, likewise.
#[must_use]
pub fn attachment(file_name: &str) -> HeaderValue {
    named("attachment", file_name)
}

fn named(kind: &'static str, name: &str) -> HeaderValue {
    let mut value = format!("{kind}; filename=\"");
    for sign in name.chars() {
        match sign {
            // Both would end or escape the quoted string.
            '"' | '\\' => value.push('_'),
            ' '..='~' => value.push(sign),
            _ => {}
        }
    }
    value.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        // attr-char of RFC 5987 section 3.2.1.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            let _ = write!(value, "%{byte:02X}");
        }
    }
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_a_fallback_and_their_real_self() {
        for (name, value) in [
            ("a b.mp3", "inline; filename=\"a b.mp3\"; filename*=UTF-8''a%20b.mp3"),
            ("Grüße 🌻.flac", "inline; filename=\"Gre .flac\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%F0%9F%8C%BB.flac"),
            ("a\"b\\c\r\n.mp3", "inline; filename=\"a_b_c.mp3\"; filename*=UTF-8''a%22b%5Cc%0D%0A.mp3"),
            ("it's (1).mp3", "inline; filename=\"it's (1).mp3\"; filename*=UTF-8''it%27s%20%281%29.mp3"),
        ] {
            assert_eq!(inline(OsStr::new(name)), value, "{name}");
        }
    }
}
