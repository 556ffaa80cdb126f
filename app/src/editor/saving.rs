//! When a tape is saved, and what its owner is told: a state machine that takes events and answers with effects.
//! Sending the tape and keeping it in the browser is done by whoever holds the machine.

/// A rest after the last change, after which the tape is saved by itself.
const REST_MILLIS: u32 = 1_500;

/// Waits between attempts while the server cannot be reached: the first, and the longest.
const RETRY_MILLIS: (u32, u32) = (2_000, 60_000);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The owner has changed something. Only a tape with a title is saved by itself, for its address is made of that.
    Changed {
        /// Whether it can be saved without asking.
        by_itself: bool,
    },
    /// The owner wants it saved now.
    Pressed,
    /// The wait with this number is over.
    Due(u32),
    /// The browser says that it is connected again.
    Online,
    /// The server has it.
    Saved,
    /// The server was not reached.
    Unreachable,
    /// Somebody has saved another state of the tape.
    Conflicting,
    /// The server does not take it, for this reason.
    Refused(String),
    /// Of two states, the owner wants this one.
    KeepMine,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Keep the tape in the browser.
    Keep,
    /// Forget what the browser has kept.
    Forget,
    /// Send the tape as it is now.
    Send,
    /// Take the state that the server has for the one this tape is based on, and send the tape.
    SendOver,
    /// Send [`Event::Due`] with this number after a while.
    Wait {
        /// Of the wait.
        number: u32,
        /// How long.
        millis: u32,
    },
}

/// How far the tape is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The server has all of it.
    Saved,
    /// There are changes.
    Changed,
    /// It is on its way.
    Sending,
    /// It is on its way, and has been changed since.
    SendingOld,
    /// The server cannot be reached; the browser keeps it until then.
    Offline,
    /// The server has a state that this one is not based on.
    Conflict,
    /// The server does not take it, for this reason.
    Refused(String),
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saving {
    phase: Phase,
    /// Of the newest wait; others are over.
    wait: u32,
    /// Attempts in vain, in a row.
    attempts: u32,
    by_itself: bool,
    /// Whether the browser could keep the changes the last time.
    is_kept: bool,
}

impl Default for Saving {
    fn default() -> Self {
        Self { phase: Phase::Saved, wait: 0, attempts: 0, by_itself: false, is_kept: true }
    }
}

impl Saving {
    /// How far it is.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Notes whether the browser could keep the changes.
    pub const fn kept(&mut self, is_kept: bool) {
        self.is_kept = is_kept;
    }

    /// How far it is, in words; behind those of a refusal comes its reason. Only a mixtape that the server has, and no
    /// new one, is said to be saved.
    #[must_use]
    pub const fn words(&self, is_new: bool) -> &'static str {
        match (&self.phase, self.is_kept) {
            (Phase::Saved, _) if is_new => "",
            (Phase::Saved, _) => "Saved",
            (Phase::Changed, true) => "Not saved yet",
            (Phase::Changed, false) => {
                "Not saved yet. This browser could not keep your changes; save before you leave this page."
            }
            (Phase::Sending | Phase::SendingOld, _) => "Saving",
            (Phase::Offline, true) => "The server cannot be reached. This browser keeps the tape and saves it later.",
            (Phase::Offline, false) => {
                "The server cannot be reached, and this browser could not keep your changes. Leave this page open until \
                 they are saved."
            }
            (Phase::Conflict, true) => "This tape was changed elsewhere meanwhile.",
            (Phase::Conflict, false) => {
                "This tape was changed elsewhere meanwhile, and this browser could not keep your changes. Choose before \
                 you leave this page."
            }
            (Phase::Refused(_), true) => "Not saved:",
            (Phase::Refused(_), false) => "This browser could not keep your changes, and they are not saved:",
        }
    }

    /// Whether something would be lost that the server does not have.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.phase != Phase::Saved
    }

    /// Takes an event and answers what is to be done.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Changed { by_itself } => self.changed(by_itself),
            Event::Pressed => match self.phase {
                Phase::Sending | Phase::SendingOld | Phase::Conflict => vec![],
                _ => self.send(Effect::Send),
            },
            Event::KeepMine if self.phase == Phase::Conflict => self.send(Effect::SendOver),
            Event::Due(number) if number == self.wait => match self.phase {
                Phase::Changed | Phase::Offline => self.send(Effect::Send),
                _ => vec![],
            },
            Event::Online if self.phase == Phase::Offline => self.send(Effect::Send),
            Event::Saved => self.saved(),
            Event::Unreachable => self.unreachable(),
            Event::Conflicting => self.stop(Phase::Conflict),
            Event::Refused(reason) => self.stop(Phase::Refused(reason)),
            Event::KeepMine | Event::Due(_) | Event::Online => vec![],
        }
    }

    fn changed(&mut self, by_itself: bool) -> Vec<Effect> {
        self.by_itself = by_itself;
        match self.phase {
            Phase::Sending => self.phase = Phase::SendingOld,
            Phase::Saved | Phase::Refused(_) => self.phase = Phase::Changed,
            Phase::Changed | Phase::SendingOld | Phase::Offline | Phase::Conflict => {}
        }
        let mut effects = vec![Effect::Keep];
        if self.phase == Phase::Changed && by_itself {
            effects.push(self.wait(REST_MILLIS));
        }
        effects
    }

    fn send(&mut self, effect: Effect) -> Vec<Effect> {
        self.wait += 1;
        self.phase = Phase::Sending;
        vec![Effect::Keep, effect]
    }

    fn saved(&mut self) -> Vec<Effect> {
        self.attempts = 0;
        if self.phase == Phase::SendingOld {
            self.phase = Phase::Changed;
            return if self.by_itself { vec![Effect::Keep, self.wait(REST_MILLIS)] } else { vec![Effect::Keep] };
        }
        self.phase = Phase::Saved;
        vec![Effect::Forget]
    }

    fn unreachable(&mut self) -> Vec<Effect> {
        let (first, longest) = RETRY_MILLIS;
        let millis = first.saturating_mul(1 << self.attempts.min(10)).min(longest);
        self.attempts += 1;
        self.phase = Phase::Offline;
        vec![Effect::Keep, self.wait(millis)]
    }

    fn stop(&mut self, phase: Phase) -> Vec<Effect> {
        self.wait += 1;
        self.attempts = 0;
        self.phase = phase;
        vec![Effect::Keep]
    }

    fn wait(&mut self, millis: u32) -> Effect {
        self.wait += 1;
        Effect::Wait { number: self.wait, millis }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGED: Event = Event::Changed { by_itself: true };

    fn wait_of(effects: &[Effect]) -> Option<(u32, u32)> {
        effects.iter().find_map(|effect| match effect {
            Effect::Wait { number, millis } => Some((*number, *millis)),
            _ => None,
        })
    }

    /// A machine that is sending.
    fn sending() -> Saving {
        let mut saving = Saving::default();
        saving.handle(CHANGED);
        assert_eq!(saving.handle(Event::Pressed), [Effect::Keep, Effect::Send]);
        saving
    }

    #[test]
    fn a_rest_after_the_last_change_saves() {
        let mut saving = Saving::default();
        let (first, _) = wait_of(&saving.handle(CHANGED)).unwrap();
        let (second, _) = wait_of(&saving.handle(CHANGED)).unwrap();
        assert_eq!(saving.handle(Event::Due(first)), []);
        assert_eq!(saving.handle(Event::Due(second)), [Effect::Keep, Effect::Send]);
        assert_eq!(saving.handle(Event::Saved), [Effect::Forget]);
        assert!(!saving.is_unsaved());
    }

    #[test]
    fn a_tape_without_a_title_waits_for_the_button() {
        let mut saving = Saving::default();
        assert_eq!(saving.handle(Event::Changed { by_itself: false }), [Effect::Keep]);
        assert_eq!(saving.phase(), &Phase::Changed);
        assert_eq!(saving.handle(Event::Pressed), [Effect::Keep, Effect::Send]);
    }

    #[test]
    fn what_changes_on_the_way_is_sent_after_and_never_two_at_once() {
        let mut saving = sending();
        assert_eq!(wait_of(&saving.handle(CHANGED)), None);
        assert_eq!(saving.handle(Event::Pressed), []);
        let (number, _) = wait_of(&saving.handle(Event::Saved)).unwrap();
        assert_eq!(saving.phase(), &Phase::Changed);
        assert_eq!(saving.handle(Event::Due(number)), [Effect::Keep, Effect::Send]);
    }

    #[test]
    fn without_a_connection_it_is_tried_at_longer_and_longer_intervals_and_at_once_when_there_is_one() {
        let mut saving = sending();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let (number, millis) = wait_of(&saving.handle(Event::Unreachable)).unwrap();
            waits.push(millis);
            assert_eq!(saving.phase(), &Phase::Offline);
            assert_eq!(saving.handle(Event::Due(number)), [Effect::Keep, Effect::Send]);
        }
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
        saving.handle(Event::Unreachable);
        assert_eq!(saving.handle(Event::Online), [Effect::Keep, Effect::Send]);
        assert_eq!(saving.handle(Event::Online), []);
    }

    #[test]
    fn what_the_browser_could_not_keep_is_said_until_it_is_saved_or_kept() {
        let mut saving = sending();
        saving.kept(false);
        saving.handle(Event::Unreachable);
        for phase in [Phase::Offline, Phase::Changed, Phase::Conflict, Phase::Refused(String::new())] {
            saving.phase = phase;
            let words = saving.words(false);
            assert!(words.contains("his browser could not keep your changes"), "{words}");
        }
        saving.phase = Phase::Offline;
        saving.kept(true);
        assert!(saving.words(false).contains("This browser keeps the tape"));
        saving.kept(false);
        saving.handle(Event::Saved);
        assert_eq!((saving.words(false), saving.words(true)), ("Saved", ""));
    }

    #[test]
    fn a_conflict_waits_for_the_owner() {
        let mut saving = sending();
        assert_eq!(saving.handle(Event::Conflicting), [Effect::Keep]);
        assert_eq!(saving.handle(CHANGED), [Effect::Keep]);
        assert_eq!(saving.handle(Event::Pressed), []);
        assert_eq!(saving.phase(), &Phase::Conflict);
        assert_eq!(saving.handle(Event::KeepMine), [Effect::Keep, Effect::SendOver]);
        assert_eq!(saving.handle(Event::Saved), [Effect::Forget]);
    }

    #[test]
    fn what_was_refused_is_tried_again_after_a_change() {
        let mut saving = sending();
        saving.handle(Event::Refused("The title is too long.".into()));
        assert_eq!(saving.phase(), &Phase::Refused("The title is too long.".into()));
        assert!(wait_of(&saving.handle(CHANGED)).is_some());
    }
}
