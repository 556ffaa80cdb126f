//! Text inside markup that is written by hand, where a view would not do.
//! Views escape their text by themselves.

/// For text between tags and inside attributes in double quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
