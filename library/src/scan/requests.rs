//! Scans that the owner requests while the program runs. Requests that arrive while one waits are merged with it;
//! changes of the music folder are noticed by `watch`.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::Scope;
use crate::Index;

/// The scan that waits for its turn, if any.
#[derive(Debug, Default)]
pub(crate) struct ScanRequests {
    waiting: Mutex<Option<Scope>>,
    asked: Notify,
}

impl ScanRequests {
    fn add(&self, is_full: bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if is_full || waiting.is_none() {
            *waiting = Some(if is_full { Scope::Full } else { Scope::Changes });
        }
        drop(waiting);
        self.asked.notify_one();
    }

    /// What is to be scanned next, as soon as there is a request.
    pub(crate) async fn next(&self) -> Scope {
        loop {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(scope) = waiting {
                return scope;
            }
            self.asked.notified().await;
        }
    }
}

impl Index {
    /// Requests a scan of everything, which `watch::scan_on_request` does. With `is_full`, every file is read again.
    pub fn request_scan(&self, is_full: bool) {
        self.scan_requests.add(is_full);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_asked_for_while_one_waits_is_that_one() {
        let requests = ScanRequests::default();
        for is_full in [false, true, false] {
            requests.add(is_full);
        }
        assert_eq!(requests.next().await, Scope::Full, "the one that does more");
        assert_eq!(requests.next().now_or_never(), None);
        requests.add(false);
        assert_eq!(requests.next().await, Scope::Changes);
    }
}
