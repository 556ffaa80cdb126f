//! Background tasks: what a request has started and does not wait for, and what the server does by itself. They are
//! finished before the program ends. What a task does is known to the code that starts it.

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The running tasks.
#[derive(Debug, Clone)]
pub struct Tasks {
    /// Lives as long as the program; connections have runtimes that end before.
    runtime: Handle,
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Runs tasks on the runtime of the caller.
    ///
    /// # Panics
    /// Outside a runtime.
    #[must_use]
    pub fn here() -> Self {
        let (tracker, stopping) = (TaskTracker::new(), CancellationToken::new());
        Self { runtime: Handle::current(), tracker, stopping }
    }

    /// Begins a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn_on(task, &self.runtime);
    }

    /// Completes when the server stops: tasks that would run for ever end then.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// How many are running.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tracker.len()
    }

    /// Waits until all have ended.
    pub async fn finish(&self) {
        self.stopping.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
