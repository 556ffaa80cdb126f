//! The Ferric server: turns configuration into a running service and requests into calls of the domain crates.
//! What audio, mixtapes and pages are is decided in `audio`, `library` and `app`.

pub mod chores;
pub mod config;
pub mod connection;
pub mod connections;
pub mod error;
pub mod folders;
pub mod host;
pub mod logging;
pub mod media;
pub mod peer;
pub mod rate_limit;
pub mod routes;
pub mod serve;
pub mod site;
pub mod state;
pub mod tasks;
pub mod tracked_body;
pub mod worker_runtimes;

pub use routes::router;
pub use state::AppState;
