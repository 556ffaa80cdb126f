//! The two bodies of an HTTP exchange, which record who has to wait for whom; a request body that stalls is given up
//! after a while. What is in a body is not known here.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::connections::{Activity, Phase};

/// A request body whose pieces must not be far apart.
pub struct RequestBody {
    inner: Pin<Box<TimeoutBody<Incoming>>>,
    activity: Arc<Activity>,
    is_overdue: Arc<AtomicBool>,
}

impl RequestBody {
    /// Ends `inner` with an error, and sets `is_overdue`, when its next piece does not come within `pause`.
    #[must_use]
    pub fn new(inner: Incoming, pause: Duration, activity: Arc<Activity>, is_overdue: Arc<AtomicBool>) -> Self {
        Self { inner: Box::pin(TimeoutBody::new(pause, inner)), activity, is_overdue }
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = self.inner.as_mut().poll_frame(context);
        self.activity.enter(if polled.is_pending() { Phase::AwaitsBody } else { Phase::Working });
        if let Poll::Ready(Some(Err(error))) = &polled
            && error.is::<TimeoutError>()
        {
            self.is_overdue.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A response body; when it is dropped, the client may send its next request.
pub struct ResponseBody {
    inner: Body,
    activity: Arc<Activity>,
}

impl ResponseBody {
    /// Follows a body that is about to be sent.
    #[must_use]
    pub fn new(inner: Body, activity: Arc<Activity>) -> Self {
        activity.enter(Phase::Responding);
        Self { inner, activity }
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.activity.enter(Phase::AwaitsRequest);
    }
}
