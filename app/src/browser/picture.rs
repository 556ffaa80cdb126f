//! Pictures that the owner chooses, drops or pastes, and their way to the server.
//! What becomes of them there is not known here.

use gloo_net::http::Request;
use model::ErrorKind;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, File, FileList, HtmlElement, HtmlInputElement};

use crate::api::Refusal;

/// A picture, or what claims to be one.
#[derive(Debug, Clone)]
pub struct Picture(File);

/// The answer to an upload.
#[derive(serde::Deserialize)]
struct Kept {
    cover: String,
}

/// The file of an input, which is emptied, so that the same can be chosen again.
#[must_use]
pub fn chosen(input: &HtmlInputElement) -> Option<Picture> {
    let picture = first(input.files());
    input.set_value("");
    picture
}

/// Whether files are dragged, and not text or a row of the page.
#[must_use]
pub fn is_dragged(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// The file that was dropped.
#[must_use]
pub fn dropped(event: &DragEvent) -> Option<Picture> {
    first(event.data_transfer()?.files())
}

/// The picture on the clipboard; text is left alone.
#[must_use]
pub fn pasted(event: &ClipboardEvent) -> Option<Picture> {
    first(event.clipboard_data()?.files())
}

/// Sends a picture; answers the file name under which it is kept.
///
/// # Errors
/// When the server cannot be reached, or does not take it.
pub async fn upload(address: &str, picture: &Picture) -> Result<String, Refusal> {
    let offline =
        || Refusal { error: "The picture did not arrive. Check your connection and try again.".into(), kind: None };
    let request = Request::post(address).body(picture.0.clone()).map_err(|_| offline())?;
    let answer = request.send().await.map_err(|_| offline())?;
    if answer.ok() {
        return answer.json::<Kept>().await.map(|kept| kept.cover).map_err(|_| offline());
    }
    let unknown = || Refusal { error: "The server does not take this picture.".into(), kind: Some(ErrorKind::Invalid) };
    Err(answer.json::<Refusal>().await.map_or_else(
        |_| unknown(),
        |refusal| Refusal { kind: Some(refusal.kind.unwrap_or(ErrorKind::Invalid)), ..refusal },
    ))
}

/// Closes a popover; a label cannot name one as a button can.
pub fn close_popover(id: &str) {
    let found = web_sys::window().and_then(|window| window.document()).and_then(|page| page.get_element_by_id(id));
    if let Some(popover) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails only when it is closed.
        let _ = popover.hide_popover();
    }
}

fn first(files: Option<FileList>) -> Option<Picture> {
    files?.get(0).map(Picture)
}
