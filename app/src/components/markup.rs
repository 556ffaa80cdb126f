//! Text inside markup that is written by hand, where a view would not do.
//! Views escape their text by themselves.

/// For text between tags and inside attributes in double quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The player of a mixtape at this address, for somebody's own web page.
#[must_use]
pub fn frame(address: &str, title: &str) -> String {
    let (address, title) = (escape(address), escape(title));
    [
        r#"<iframe src=""#,
        &address,
        r#"" width="100%" height="380" title=""#,
        &title,
        r#"" style="border:0" loading="lazy"></iframe>"#,
    ]
    .concat()
}
