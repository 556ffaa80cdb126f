//! Runs the service on a TCP port until it is told to stop, and then lets streams end.
//! What is answered is decided by the router.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, HOST};
use http::uri::Authority;
use http::{HeaderValue, Request, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use model::ErrorKind;
use rustix::net::sockopt;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::connection::Connection;
use crate::error::ApiError;
use crate::lanes::Lanes;

/// How much of a response the HTTP engine gathers before it writes, and the largest request head, in bytes.
/// Small, so that the engine asks for the next chunk only when the last one has left.
const ENGINE_BUFFER: usize = 32 * 1024;

/// How long a client may take for a request head, and how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// Serves until `stop` is done, then waits at most `grace` for running responses.
///
/// # Errors
/// Only when the listener itself breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    grace: Duration,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(ENGINE_BUFFER);
    let graceful = GracefulShutdown::new();
    let mut lanes = Lanes::start()?;
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or a client that left again: neither ends the service.
                    tracing::error!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let Ok(stream) = stream.into_std() else { continue };
        let (http, router, watcher) = (http.clone(), router.clone(), graceful.watcher());
        lanes.spawn(async move {
            // Registered anew, with the runtime of its lane.
            let served = match TcpStream::from_std(stream) {
                Ok(stream) => watcher.watch(serve_connection(&http, stream, address, router)).await,
                Err(error) => return tracing::error!(%address, %error, "a connection could not be taken over"),
            };
            if let Err(error) = served {
                tracing::debug!(%address, %error, "connection ended");
            }
        });
    }
    drop(listener);
    tracing::info!(streams = graceful.count(), "stopping; running streams may end");
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some streams did not end in time and are cut off");
    }
    Ok(())
}

fn serve_connection(
    http: &http1::Builder,
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
) -> impl GracefulConnection<Error = hyper::Error> + use<> {
    prepare(&stream);
    let connection = Connection::new(stream);
    let outlet = connection.outlet();
    let service = service_fn(move |request: Request<Incoming>| {
        let is_addressed = names_its_host(&request);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(outlet.clone());
        request.extensions_mut().insert(ConnectInfo(address));
        let router = router.clone();
        async move {
            if !is_addressed {
                return Ok::<_, Infallible>(not_addressed());
            }
            Ok(router.oneshot(request).await.unwrap_or_else(|never| match never {}))
        }
    });
    http.serve_connection(TokioIo::new(connection), service)
}

/// Whether there is exactly one valid `Host`, as a request must have since HTTP/1.1 (RFC 9112 3.2). Without this,
/// a cache before the server could be led to keep one host's answer for another.
fn names_its_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes);
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => host.is_empty() || (Authority::try_from(host).is_ok() && !host.contains(&b'@')),
        (Some(_), Some(_)) => false,
    }
}

fn not_addressed() -> Response {
    let error = ApiError::new(ErrorKind::Invalid, "The request must name one host in its Host header.");
    let mut response = error.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn prepare(stream: &TcpStream) {
    // Answers leave at once, and listeners that vanished without a word are noticed some time.
    let prepared = stream.set_nodelay(true).and_then(|()| Ok(sockopt::set_socket_keepalive(stream, true)?));
    if let Err(error) = prepared {
        tracing::debug!(%error, "connection options could not be set");
    }
}

/// Every listener is an open file or two; systems start programs with a low soft limit.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
        if let Err(error) = raised {
            tracing::warn!(%error, "the limit of open files could not be raised");
        }
    }
}
