//! Runs the service on a TCP port until it is told to stop, and then lets streams end.
//! What is answered is decided by the router.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::ErrorKind;
use model::limits::connections::{BACKLOG, BODY_PAUSE, HEAD, MOST};
use rustix::io::Errno;
use rustix::net::sockopt;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::AppState;
use crate::connection::Connection;
use crate::connections::{Activity, Admission, Connections, Phase};
use crate::error::ApiError;
use crate::host::{Addressee, OwnHost};
use crate::tracked_body::{RequestBody, ResponseBody};
use crate::worker_runtimes::WorkerRuntimes;

/// How much of a response the HTTP engine gathers before it writes, and the largest request head, in bytes.
/// Small, so that the engine asks for the next chunk only when the last one has left.
const ENGINE_BUFFER: usize = 32 * 1024;

/// How long clients may take, and how many of them there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long running responses may go on when the service stops.
    pub grace: Duration,
    /// How long the next piece of a request body may take.
    pub body_pause: Duration,
    /// The most connections at once.
    pub connections: usize,
}

impl Limits {
    /// The usual limits: connections get 80 % of the file descriptors, the rest is for what they ask for.
    #[must_use]
    pub fn with_grace(grace: Duration) -> Self {
        let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
        let connections = files.map_or(MOST, |files| (files / 5 * 4).min(MOST));
        Self { grace, body_pause: BODY_PAUSE, connections }
    }
}

/// Listens at an address.
///
/// # Errors
/// When the address is not ours or is taken.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // The connections of an earlier process may still be closing.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` is done, then waits for running responses, and for the work that requests have begun, as long as
/// they have grace.
///
/// # Errors
/// When the system gives no threads.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    stop: impl Future<Output = ()>,
    limits: Limits,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(ENGINE_BUFFER);
    let connections = Connections::limited_to(limits.connections);
    let (running, stopping) = (TaskTracker::new(), CancellationToken::new());
    let (router, host) = (crate::router(state.clone()), OwnHost::of(state.public_url.as_deref()));
    let mut workers = WorkerRuntimes::start()?;
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or a client that left again: neither ends the service.
                    tracing::error!(%error, "a connection could not be accepted");
                    if let Some(Errno::MFILE | Errno::NFILE) = Errno::from_io_error(&error) {
                        connections.close_one(Instant::now());
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let Ok(stream) = stream.into_std() else { continue };
        let is_proxy = state.proxies.contains(address.ip());
        let admission = connections.admit(address.ip(), is_proxy, Instant::now()).await;
        let (http, stopping) = (http.clone(), stopping.clone());
        let exchange = Exchange { router: router.clone(), address, host: host.clone(), body_pause: limits.body_pause };
        workers.spawn(running.track_future(async move {
            // Registered anew, with the runtime of its thread.
            let served = match TcpStream::from_std(stream) {
                Ok(stream) => serve_connection(&http, stream, exchange, &admission, &stopping).await,
                Err(error) => return tracing::error!(%address, %error, "a connection could not be taken over"),
            };
            if let Err(error) = served {
                tracing::debug!(%address, %error, "connection ended");
            }
        }));
    }
    drop(listener);
    stopping.cancel();
    running.close();
    tracing::info!(connections = running.len(), "stopping; running responses may end");
    let finished = async {
        running.wait().await;
        // Requests that have just ended may have begun some.
        state.tasks.finish().await;
    };
    if tokio::time::timeout(limits.grace, finished).await.is_err() {
        let (connections, tasks) = (running.len(), state.tasks.count());
        tracing::warn!(connections, tasks, "what did not end in time is cut off");
    }
    Ok(())
}

/// Serves one connection until it ends, has to make place for another, or the service stops; then a response that is
/// on its way may end.
async fn serve_connection(
    http: &http1::Builder,
    stream: TcpStream,
    exchange: Exchange,
    admission: &Admission,
    stopping: &CancellationToken,
) -> hyper::Result<()> {
    prepare(&stream);
    let activity = admission.activity();
    let connection = Connection::new(stream, Arc::clone(activity));
    let (outlet, serving) = (connection.outlet(), Arc::clone(activity));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(outlet.clone());
        exchange.clone().answer(request, Arc::clone(&serving))
    });
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(connection), service));
    tokio::select! {
        // Polled first, so that its phase is current.
        biased;
        served = connection.as_mut() => return served,
        () = admission.closed() => return Ok(()),
        () = stopping.cancelled() => {}
    }
    if activity.awaits_request() {
        return Ok(());
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        served = connection => served,
        () = admission.closed() => Ok(()),
    }
}

/// What the requests of one connection have in common.
#[derive(Clone)]
struct Exchange {
    router: Router,
    address: SocketAddr,
    host: OwnHost,
    body_pause: Duration,
}

impl Exchange {
    async fn answer(
        self,
        request: Request<Incoming>,
        activity: Arc<Activity>,
    ) -> Result<http::Response<ResponseBody>, Infallible> {
        activity.enter(Phase::Working);
        let addressee = self.host.addressee(request.headers(), request.version(), request.uri().path());
        let mut response = if addressee == Addressee::Ours {
            let is_overdue = Arc::new(AtomicBool::new(false));
            let body = |body| RequestBody::new(body, self.body_pause, Arc::clone(&activity), Arc::clone(&is_overdue));
            let mut request = request.map(|incoming| {
                use http_body::Body as _;
                if incoming.is_end_stream() { Body::empty() } else { Body::new(body(incoming)) }
            });
            request.extensions_mut().insert(ConnectInfo(self.address));
            let response = self.router.oneshot(request).await.unwrap_or_else(|never| match never {});
            if is_overdue.load(Ordering::Relaxed) { overdue() } else { response }
        } else {
            misdirected(addressee)
        };
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response.map(|body| ResponseBody::new(body, activity)))
    }
}

fn misdirected(addressee: Addressee) -> Response {
    let words = match addressee {
        Addressee::Another => "This server has another name. Ask for it at the address that its owner gave you.",
        _ => "The request must name one host in its Host header.",
    };
    let mut response = ApiError::new(ErrorKind::Invalid, words).into_response();
    if addressee == Addressee::Another {
        *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    }
    closing(response)
}

fn overdue() -> Response {
    let error = ApiError::new(ErrorKind::Invalid, "The request did not arrive whole in time. Send it again.");
    let mut response = error.into_response();
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    closing(response)
}

fn closing(mut response: Response) -> Response {
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
