//! All routes in one table, and the headers that every answer carries.
//! What a route does is in the file named after its family.

mod admin;
mod api;
mod covers;
mod editor;
mod embed;
mod exchange;
mod health;
mod library;
mod lookup;
mod media_access;
mod og;
mod pages;
mod parameters;
mod play;
mod preferences;
mod progress;
mod qr;
mod session;
mod share;
mod shared_page;

use std::convert::Infallible;
use std::io;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{BoxError, Router};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use model::ErrorKind;
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::services::ServeDir;

use crate::AppState;
use crate::error::ApiError;

/// Hashed names never change their content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The whole service.
pub fn router(state: AppState) -> Router {
    // Media are not compressed and, on the hot path, not touched by layers.
    let media = Router::new()
        .route("/play", any(play::play))
        .route("/play/", any(play::play))
        .route("/play/{*path}", any(play::play))
        .route("/media/{mixtape}/{track}", any(play::play))
        .route("/covers/{file}", get(covers::cover))
        .route("/og/cover/{file}", get(covers::preview))
        .route("/api/covers", get(covers::loose))
        .route("/api/covers/", get(covers::loose))
        .route("/api/covers/{*release_dir}", get(covers::release));
    let pages = Router::new()
        .route("/", get(pages::landing))
        .route("/share/{slug}", get(share::page).post(share::open))
        .route("/share/{slug}/names", post(shared_page::reveal_names))
        .route("/share/{slug}/{file}", get(exchange::file_of_tape))
        .route("/gift-playful/{slug}", get(share::playful))
        .route("/gift-elegant/{slug}", get(share::elegant))
        .route("/embed/{slug}", get(embed::page))
        .route("/oembed", get(embed::oembed))
        .route("/og/{file}", get(og::picture))
        .route("/qr/{file}", get(qr::code))
        .route("/qr/{file}/download", get(qr::card))
        .route("/login", get(pages::login).post(session::sign_in))
        .route("/logout", post(session::sign_out))
        .route("/mixtapes", get(pages::mixtapes))
        .route("/mixtapes/backup.zip", get(exchange::backup))
        .route("/mixtapes/restore", post(exchange::restore).layer(DefaultBodyLimit::disable()))
        .route("/mixtapes/playlist", post(exchange::take_in_playlist).layer(DefaultBodyLimit::disable()))
        .route("/admin", get(admin::page))
        .route("/admin/cache/stats", get(admin::stats))
        .route("/admin/cache/clear", post(admin::clear))
        .route("/admin/cache/fill", post(admin::fill))
        .route("/admin/cache/retry", post(admin::retry))
        .route("/admin/cache/verify", get(admin::verify))
        .route("/admin/library", get(library::page))
        .route("/admin/library/stats", get(library::stats))
        .route("/admin/library/scan", post(library::scan))
        .route("/admin/progress", get(progress::of_all))
        .route("/editor/progress/{slug}", get(progress::of_task))
        .route("/editor", get(editor::new_tape))
        .route("/editor/cover", post(editor::cover))
        .route("/editor/preferences", get(preferences::page).post(preferences::set))
        .route("/editor/{slug}", get(editor::tape))
        .route("/api/{*function}", any(api::server_function))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(middleware::from_fn_with_state(state.clone(), session::mark_visitor))
        .layer(middleware::from_fn(security_headers))
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new("application/zip"))),
        );
    let public = ServeDir::new(state.site.folder.join("public"))
        .append_index_html_on_directories(false)
        .call_fallback_on_method_not_allowed(true)
        .fallback(any(pages::not_found).with_state(state.clone()).layer(middleware::from_fn(security_headers)));
    Router::new()
        .nest("/pkg", bundle(&state))
        .merge(media)
        .merge(pages)
        .fallback(move |request: Request| file(public, request))
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(CatchPanicLayer::new())
        .with_state(state)
}

/// The hashed files of the bundle, precompressed.
fn bundle(state: &AppState) -> Router<AppState> {
    let files = ServeDir::new(state.site.folder.join("pkg")).precompressed_br().precompressed_gzip();
    Router::new().fallback(move |request: Request| async move {
        let mut response = file(files, request).await;
        if response.status().is_success() || response.status().is_redirection() {
            response.headers_mut().insert(header::CACHE_CONTROL, IMMUTABLE);
        }
        response
    })
}

/// A file of a folder, or what the folder falls back to. A name that no file can have is one that is not there.
async fn file<F, B>(mut folder: ServeDir<F>, request: Request) -> Response
where
    F: Service<Request, Response = http::Response<B>, Error = Infallible> + Clone,
    F::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let path = request.uri().path().to_owned();
    match folder.try_call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
            ApiError::new(ErrorKind::NotFound, "There is nothing at this address.").into_response()
        }
        Err(error) => {
            tracing::error!(request = path, %error, "a file of the site could not be read");
            ApiError::new(ErrorKind::Internal, "This file cannot be read. The server's log says why.").into_response()
        }
    }
}

/// The headers that keep a page to itself; its content security policy comes with the page, which knows the
/// nonce of its scripts.
async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_for_frames = response.extensions().get::<embed::ForFrames>().is_some();
    let headers = response.headers_mut();
    if !is_for_frames {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    for (name, value) in [
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page that was kept would name the bundle of an older build.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
