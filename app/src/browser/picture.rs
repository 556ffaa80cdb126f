//! Pictures that the owner chooses, drops or pastes, and their way to the server.
//! What becomes of them there is not known here.

use gloo_net::http::Request;
use model::ErrorKind;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, ClipboardEvent, DragEvent, File, FileList, HtmlElement, HtmlInputElement, ImageBitmap, OffscreenCanvas,
    OffscreenCanvasRenderingContext2d,
};

use crate::api::Refusal;

/// What the server reads by itself; the browser knows further kinds, as AVIF.
const KNOWN: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"];

/// A picture that the browser writes anew is at most so high and wide, in pixels: more than the server keeps.
const SIDE: u32 = 1600;

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
    let known = KNOWN.contains(&picture.0.type_().as_str());
    // What the browser cannot read either is sent as it is, for the server says why it does not take it.
    let anew = if known { None } else { written_anew(&picture.0).await.ok() };
    let body = anew.unwrap_or_else(|| picture.0.clone().into());
    let request = Request::post(address).body(body).map_err(|_| offline())?;
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

/// The picture as a PNG, upright.
async fn written_anew(file: &File) -> Result<Blob, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let picture: ImageBitmap = JsFuture::from(window.create_image_bitmap_with_blob(file)?).await?.dyn_into()?;
    let longest = picture.width().max(picture.height()).max(1);
    let side = longest.min(SIDE);
    // Browsers draw no picture that is wide enough for this to overflow.
    let [width, height] = [picture.width(), picture.height()].map(|length| (length * side / longest).max(1));
    let canvas = OffscreenCanvas::new(width, height)?;
    let context: OffscreenCanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    context.draw_image_with_image_bitmap_and_dw_and_dh(&picture, 0.0, 0.0, width.into(), height.into())?;
    JsFuture::from(canvas.convert_to_blob()?).await?.dyn_into()
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
