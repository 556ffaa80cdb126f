//! Mixtapes in and out: the files of a tape and playlists of it for whoever may hear it, backups and playlists of other
//! programs for the owner. What is in them is decided in `library`.

use std::fs::File;
use std::path::{Path as FilePath, PathBuf};

use app::api::Visitor;
use app::page::{Page, TakenInPage};
use audio::ProgressTracker;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Multipart, Path, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, RequestExt};
use http::header::{self, HeaderValue};
use http::{Extensions, StatusCode};
use library::exchange::{Archive, Locations, Playlist, file_name};
use library::import::ImportReport;
use model::cache_stats::readable_bytes;
use model::playlist::TakenIn;
use model::progress::{RESTORE, Status, Step};
use model::{ErrorKind, Mixtape, PlaylistFormat, Quality};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use super::editor::new_client_id;
use super::session::{self, Owner};
use super::shared_page::{Listener, media_addresses};
use super::{lookup, pages, preferences};
use crate::error::ApiError;
use crate::media::disposition;
use crate::{AppState, chores};

/// A backup of ten thousand tapes, each with a large cover, is smaller; in bytes.
const MAX_BACKUP: u64 = 16 << 30;

/// Longer playlists are not read, in bytes.
const MAX_PLAYLIST: u64 = model::limits::playlists::BYTES as u64;

/// Two backups that are taken in at once would each undo what the other does.
static RESTORING: Semaphore = Semaphore::const_new(1);

/// How a playlist is wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// `relative`: with paths below the music folder, for players that have it, too.
    paths: Option<String>,
    quality: Option<String>,
}

/// `GET /share/<slug>/audio.zip`, if the owner lets listeners keep the files, and `GET /share/<slug>/playlist.m3u8`,
/// `.xspf`, `.jspf`.
pub(super) async fn file_of_tape(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let nothing = || ApiError::new(ErrorKind::NotFound, "There is nothing at this address.");
    let Path((slug, file)) = path.map_err(|_| nothing())?;
    let mixtape = lookup::mixtape_for(&state, &slug, request.headers(), request.extensions()).await?;
    Listener::of(&request).may_know_names(&mixtape)?;
    if file == "audio.zip" {
        return audio(&state, &mixtape, request.extensions()).await;
    }
    let format = file.strip_prefix("playlist.").and_then(|format| format.parse().ok()).ok_or_else(nothing)?;
    let unreadable = |_| ApiError::new(ErrorKind::Invalid, "The address cannot be understood.");
    let Query(wanted) = wanted.map_err(unreadable)?;
    let origin = state.public_url.clone().unwrap_or_else(|| pages::origin(request.headers()));
    let is_owner = Visitor::of(request.extensions()) == Visitor::Owner;
    playlist(&state, &mixtape, format, &wanted, &origin, is_owner).await
}

async fn audio(state: &AppState, mixtape: &Mixtape, extensions: &Extensions) -> Result<Response, ApiError> {
    let is_owner = Visitor::of(extensions) == Visitor::Owner;
    if !is_owner && !state.store.share_settings(&mixtape.slug).await?.downloads {
        return Err(ApiError::new(ErrorKind::Forbidden, "Whoever made this mixtape does not give its files away."));
    }
    let zip = state.store.audio_zip(mixtape, &state.music).await?;
    if !zip.left_out.is_empty() {
        tracing::warn!(slug = %mixtape.slug, left_out = zip.left_out.len(), "an archive lacks files");
    }
    Ok(archive(zip.archive, &zip.file_name))
}

/// An archive is sent while its files are read; what goes wrong then breaks the answer off, which its length shows.
fn archive(archive: Archive, name: &str) -> Response {
    let length = archive.length();
    let mut response = Response::new(Body::from_stream(archive.stream()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_DISPOSITION, disposition::attachment(name));
    headers.insert(header::CACHE_CONTROL, pages::PRIVATE);
    response
}

async fn playlist(
    state: &AppState,
    mixtape: &Mixtape,
    format: PlaylistFormat,
    wanted: &Wanted,
    origin: &str,
    is_owner: bool,
) -> Result<Response, ApiError> {
    let addresses = media_addresses(state, mixtape).await?;
    let quality = match &wanted.quality {
        None => state.default_quality,
        Some(quality) => quality.parse::<Quality>().map_err(|error| ApiError::unknown_quality(&error))?,
    };
    let names_files = addresses.iter().zip(&mixtape.tracks).all(|(media, track)| media.is_path(&track.path));
    let locations = match wanted.paths.as_deref() {
        None => Locations::Web { origin, quality, addresses: &addresses },
        Some("relative") if is_owner || names_files => Locations::Relative,
        Some("relative") => {
            let refusal = "The paths of this mixtape's files are for its owner. Leave “paths” out.";
            return Err(ApiError::new(ErrorKind::Forbidden, refusal));
        }
        Some(_) => return Err(ApiError::new(ErrorKind::Invalid, "“paths” is relative, or is left out.")),
    };
    let text = Playlist::of(mixtape, locations).write(format)?;
    let name = file_name(&mixtape.title, &format!(".{}", format.name()));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.mime_type())),
        (header::CONTENT_DISPOSITION, disposition::attachment(&name)),
        (header::CACHE_CONTROL, pages::PRIVATE),
    ];
    Ok((headers, text).into_response())
}

/// `GET /mixtapes/backup.zip`: all mixtapes with their covers.
pub(super) async fn backup(_: Owner, State(state): State<AppState>) -> Result<Response, ApiError> {
    let now = session::now();
    let day = jiff::Timestamp::from_second(now.0).map(|now| now.strftime("%F").to_string()).unwrap_or_default();
    Ok(archive(state.store.backup(now).await?, &format!("Mixtapes {day}.zip")))
}

/// `POST /mixtapes/restore`: takes in a backup that was sent as a file of a form. That goes on when the answer is there;
/// how far it is, is told as the task [`RESTORE`].
pub(super) async fn restore(_: Owner, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let is_page = pages::wants_html(request.headers());
    let Ok(turn) = RESTORING.try_acquire() else {
        if is_page {
            // It shows what is being done.
            return Ok(Redirect::to(preferences::BACKUP).into_response());
        }
        return Err(ApiError::new(ErrorKind::Conflict, "A backup is being taken in already. Wait until it is done."));
    };
    let mut form = form(request).await?;
    let archive = on_disk(file_of(&mut form).await?, state.store.folder().to_owned()).await?;
    let tasks = state.tasks.clone();
    tasks.spawn(async move {
        take_in(&state, archive).await;
        drop(turn);
    });
    if is_page {
        return Ok(Redirect::to(preferences::BACKUP).into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "task_id": RESTORE }))).into_response())
}

async fn take_in(state: &AppState, archive: File) {
    let task = ProgressTracker::create_task(&state.progress, RESTORE, 0);
    task.report(Step::Restoring, "Looking through the backup".to_owned(), 0, 0);
    let tell = |done, count| task.report(Step::Restoring, format!("Mixtape {done} of {count}"), done, count);
    match state.store.restore_backup(archive, tell).await {
        Ok(report) => {
            for (file, reason) in &report.skipped {
                let name = file.file_stem().unwrap_or_default().to_string_lossy();
                task.report(Step::MixtapeFailed, format!("{name}: {reason}"), 0, 0);
            }
            for (slug, reason) in &report.without_cover {
                task.report(Step::MixtapeFailed, format!("{slug} is without its cover: {reason}"), 0, 0);
            }
            for (slug, reason) in &report.closed {
                task.report(Step::MixtapeFailed, format!("{slug} is shared with nobody: {reason}"), 0, 0);
            }
            // Files may have moved since the backup was made.
            if let Err(error) = state.store.refresh(&state.index).await {
                tracing::error!(%error, "the tracks of the mixtapes could not be compared with the library");
            }
            let taken = report.created.len() + report.updated.len() + report.unchanged.len();
            task.end(Status::Completed, summary(&report), taken as u64);
        }
        Err(error) => {
            tracing::error!(%error, "a backup could not be taken in");
            let words = match error.kind() {
                ErrorKind::Internal => "Something went wrong on the server. Its log says what.".to_owned(),
                _ => error.to_string(),
            };
            task.end(Status::Failed, words, 0);
        }
    }
}

fn summary(report: &ImportReport) -> String {
    let counts = [
        (report.created.len(), "taken in"),
        (report.updated.len(), "brought up to date"),
        (report.unchanged.len(), "here already"),
        (report.skipped.len(), "left out"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    if words.is_empty() { "there was nothing in it".to_owned() } else { words.join(", ") }
}

/// `POST /mixtapes/playlist`: makes a mixtape of a playlist that was sent as a file of a form. If all its songs are in
/// the library, that leads to the editor; else a page tells which are not.
pub(super) async fn take_in_playlist(
    _: Owner,
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), Body::empty());
    let taken_in = mixtape_of(&state, Request::from_parts(parts, body)).await;
    if !pages::wants_html(asked.headers()) {
        return Ok(Json(taken_in?).into_response());
    }
    let (page, status) = match taken_in {
        Ok(TakenIn { slug: Some(slug), not_found, .. }) if not_found.is_empty() => {
            return Ok(Redirect::to(&slug.editor_path()).into_response());
        }
        Ok(taken_in) => (TakenInPage::Incomplete(taken_in), StatusCode::OK),
        Err(error) if error.kind() != ErrorKind::Internal => {
            (TakenInPage::Refused(error.message().to_owned()), crate::error::status(error.kind()))
        }
        Err(error) => return Err(error),
    };
    let mut response = pages::render(&state, Page::TakenIn(Box::new(page)), asked).await;
    *response.status_mut() = status;
    Ok(response)
}

async fn mixtape_of(state: &AppState, request: Request) -> Result<TakenIn, ApiError> {
    let mut form = form(request).await?;
    let (name, bytes) = in_memory(file_of(&mut form).await?).await?;
    let read = tokio::task::spawn_blocking(move || Playlist::read(&bytes)).await;
    let mut playlist = read.map_err(|_| library::Error::WorkBroken)??;
    if playlist.title.is_empty() {
        let stem = FilePath::new(&name).file_stem().unwrap_or_default();
        playlist.title = stem.to_string_lossy().chars().take(Mixtape::TITLE_MAX).collect();
    }
    let report = state.index.match_playlist(playlist).await?;
    let (title, count) = (report.title.clone(), report.entries.len() as u64);
    let not_found = report.not_found().cloned().collect();
    if report.found_count() == 0 {
        return Ok(TakenIn { slug: None, title, count, not_found });
    }
    let draft = report.draft(Some(new_client_id()), &state.store.preferences().await?).check();
    let draft = draft.map_err(|error| ApiError::new(ErrorKind::Invalid, error.to_string()))?;
    let mixtape = state.store.save(&draft, None, session::now()).await?.mixtape;
    let slug = Some(mixtape.slug.clone());
    chores::saved(state, mixtape).await;
    Ok(TakenIn { slug, title, count, not_found })
}

const NO_FILE: &str = "The form needs a file. Choose one first.";

async fn form(request: Request) -> Result<Multipart, ApiError> {
    request.extract().await.map_err(|_: MultipartRejection| ApiError::new(ErrorKind::Invalid, NO_FILE))
}

/// The only field of the form.
async fn file_of(form: &mut Multipart) -> Result<Field<'_>, ApiError> {
    let field = form.next_field().await.ok().flatten().filter(|field| field.name() == Some("file"));
    field.ok_or_else(|| ApiError::new(ErrorKind::Invalid, NO_FILE))
}

fn too_large(max: u64) -> ApiError {
    ApiError::new(ErrorKind::TooLarge, format!("The file is larger than {}.", readable_bytes(max)))
}

fn broken_off(error: &MultipartError) -> ApiError {
    tracing::warn!(%error, "a file did not arrive whole");
    ApiError::new(ErrorKind::Invalid, "The file did not arrive whole. Send it again.")
}

/// The name and the bytes of a small file.
async fn in_memory(mut field: Field<'_>) -> Result<(String, Vec<u8>), ApiError> {
    let (name, mut bytes) = (field.file_name().unwrap_or_default().to_owned(), Vec::new());
    while let Some(chunk) = field.chunk().await.map_err(|error| broken_off(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_PLAYLIST {
            return Err(too_large(MAX_PLAYLIST));
        }
    }
    Ok((name, bytes))
}

/// A large file as one without a name on the disk, which is gone when it is closed.
async fn on_disk(mut field: Field<'_>, folder: PathBuf) -> Result<File, ApiError> {
    let full = |error: std::io::Error| {
        tracing::error!(%error, "a file that was sent could not be kept");
        ApiError::new(ErrorKind::Internal, "The file could not be kept. The server's log says why.")
    };
    let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
    let made = made.map_err(std::io::Error::other).and_then(|made| made).map_err(full)?;
    let (mut file, mut length) = (tokio::fs::File::from_std(made), 0);
    while let Some(chunk) = field.chunk().await.map_err(|error| broken_off(&error))? {
        length += chunk.len() as u64;
        if length > MAX_BACKUP {
            return Err(too_large(MAX_BACKUP));
        }
        file.write_all(&chunk).await.map_err(full)?;
    }
    file.flush().await.map_err(full)?;
    Ok(file.into_std().await)
}
