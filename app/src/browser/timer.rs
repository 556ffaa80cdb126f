//! Doing something later.
//! When and what is decided by the player.

/// Calls `action` once, after this many milliseconds.
pub fn after(millis: u32, action: impl FnOnce() + 'static) {
    gloo_timers::callback::Timeout::new(millis, action).forget();
}
