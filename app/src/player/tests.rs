//! The rules of the player, one test each; nothing here needs a browser.

use super::*;

/// What the players here begin with.
const QUALITY: Quality = Quality::Medium;

fn load(track: usize, at: f64) -> Vec<Effect> {
    vec![Effect::Load { track, quality: QUALITY, at }, Effect::Play]
}

/// A player of three tracks that plays the given one at a place.
fn playing(track: usize, at: f64) -> Player {
    let mut player = Player::new(3, QUALITY);
    if track == 0 {
        player.handle(Event::Toggle);
    } else {
        player.handle(Event::Choose(track));
    }
    player.handle(Event::Duration(100.0));
    player.handle(Event::Playing);
    player.handle(Event::Position(at));
    player
}

#[test]
fn play_waits_for_sound_and_pause_is_immediate() {
    let mut player = Player::new(2, QUALITY);
    assert_eq!(player.handle(Event::Toggle), [Effect::Play]);
    assert_eq!((player.phase(), player.wants_sound()), (Phase::Waiting, true));
    player.handle(Event::Playing);
    assert_eq!(player.phase(), Phase::Playing);
    assert_eq!(player.handle(Event::Toggle), [Effect::Pause]);
    assert_eq!((player.phase(), player.wants_sound()), (Phase::Paused, false));
}

#[test]
fn a_pause_from_outside_is_shown_but_not_the_one_at_a_track_change() {
    let mut player = playing(0, 5.0);
    player.handle(Event::Paused);
    assert_eq!(player.phase(), Phase::Paused);

    let mut player = playing(0, 5.0);
    player.handle(Event::Next);
    player.handle(Event::Paused);
    assert_eq!(player.phase(), Phase::Waiting);
}

#[test]
fn the_end_of_a_track_leads_to_the_next_and_the_last_end_stops() {
    let mut player = playing(1, 99.9);
    assert_eq!(player.handle(Event::Ended), load(2, 0.0));
    assert_eq!((player.current(), player.position(), player.duration()), (2, 0.0, None));
    player.handle(Event::Playing);
    assert_eq!(player.handle(Event::Ended), []);
    assert_eq!(player.phase(), Phase::Finished);
    assert_eq!(player.handle(Event::Toggle), load(0, 0.0), "play begins the tape again");
}

#[test]
fn next_stops_at_the_last_track() {
    assert_eq!(playing(0, 1.0).handle(Event::Next), load(1, 0.0));
    assert_eq!(playing(2, 1.0).handle(Event::Next), []);
}

#[test]
fn previous_restarts_after_three_seconds_and_goes_back_before() {
    assert_eq!(playing(1, 3.1).handle(Event::Previous), [Effect::Seek(0.0)]);
    assert_eq!(playing(1, 2.9).handle(Event::Previous), load(0, 0.0));
    assert_eq!(playing(0, 1.0).handle(Event::Previous), [Effect::Seek(0.0)]);
}

#[test]
fn choosing_the_current_track_toggles_and_another_one_plays_it() {
    let mut player = playing(1, 9.0);
    assert_eq!(player.handle(Event::Choose(1)), [Effect::Pause]);
    assert_eq!(player.handle(Event::Choose(1)), [Effect::Play]);
    assert_eq!(player.handle(Event::Choose(2)), load(2, 0.0));
    assert_eq!(player.handle(Event::Choose(3)), [], "there is no such track");
}

#[test]
fn seeking_stays_inside_the_track() {
    let mut player = playing(0, 1.0);
    assert_eq!(player.handle(Event::Seek(50.0)), [Effect::Seek(50.0)]);
    assert_eq!(player.position().to_bits(), 50.0_f64.to_bits(), "shown at once");
    assert_eq!(player.handle(Event::Seek(500.0)), [Effect::Seek(100.0)]);
    assert_eq!(player.handle(Event::Seek(-5.0)), [Effect::Seek(0.0)]);
    assert_eq!(player.handle(Event::Seek(f64::NAN)), [Effect::Seek(0.0)]);
}

#[test]
fn seeking_after_the_end_makes_play_go_on_from_there() {
    let mut player = playing(2, 100.0);
    player.handle(Event::Ended);
    assert_eq!(player.handle(Event::Seek(40.0)), [Effect::Seek(40.0)]);
    assert_eq!(player.handle(Event::Toggle), [Effect::Play]);
}

#[test]
fn a_broken_stream_is_asked_for_again_from_where_it_broke() {
    let mut player = playing(0, 42.0);
    assert_eq!(player.handle(Event::Failed(Failure::Network)), [Effect::Retry { attempt: 1, after_millis: 250 }]);
    assert!(player.wants_sound());
    assert_eq!(player.handle(Event::RetryDue(1)), load(0, 42.0));
    assert_eq!(player.handle(Event::Failed(Failure::Network)), [Effect::Retry { attempt: 2, after_millis: 1_000 }]);
    player.handle(Event::Playing);
    assert_eq!(
        player.handle(Event::Failed(Failure::Network)),
        [Effect::Retry { attempt: 1, after_millis: 250 }],
        "sound in between starts the count again"
    );
}

#[test]
fn a_retry_that_is_no_longer_wanted_does_nothing() {
    let mut player = playing(0, 42.0);
    player.handle(Event::Failed(Failure::Network));
    player.handle(Event::Toggle);
    assert_eq!(player.handle(Event::RetryDue(1)), [], "paused meanwhile");

    let mut player = playing(0, 42.0);
    player.handle(Event::Failed(Failure::Network));
    player.handle(Event::Next);
    assert_eq!(player.handle(Event::RetryDue(1)), [], "another track meanwhile");
}

#[test]
fn a_track_that_cannot_be_played_is_passed_over_and_named() {
    let mut player = playing(0, 0.0);
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), load(1, 0.0));
    assert_eq!(player.skipped(), Some(Skipped { track: 0, failure: Failure::Unplayable }));
    player.handle(Event::Choose(2));
    assert_eq!(player.skipped(), None);
}

#[test]
fn a_dead_server_stops_the_player_instead_of_running_through_the_tape() {
    let mut player = Player::new(100, QUALITY);
    player.handle(Event::Toggle);
    let mut loads = 0;
    while player.wants_sound() {
        assert!(loads < 10, "it never stops");
        for effect in player.handle(Event::Failed(Failure::Unplayable)) {
            loads += usize::from(matches!(effect, Effect::Load { .. }));
        }
    }
    assert_eq!(loads, retry::MAX_SKIPS - 1);
    assert_eq!(player.phase(), Phase::Failed(Failure::Unplayable));
    assert_eq!(player.handle(Event::Toggle), load(2, 0.0), "play tries this track again");
}

#[test]
fn a_failure_while_standing_still_never_starts_another_track() {
    let mut player = Player::new(3, QUALITY);
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), []);
    assert_eq!(player.current(), 0);
}

#[test]
fn a_press_after_failures_counts_from_the_start() {
    let mut player = Player::new(5, QUALITY);
    for _ in 0..retry::MAX_SKIPS {
        player.handle(Event::Failed(Failure::Unplayable));
    }
    assert_eq!(player.handle(Event::Choose(0)), load(0, 0.0));
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), load(1, 0.0));
}

#[test]
fn blocked_autoplay_shows_the_play_button() {
    let mut player = Player::new(3, QUALITY);
    player.handle(Event::Toggle);
    assert_eq!(player.handle(Event::Failed(Failure::NotAllowed)), []);
    assert_eq!(player.phase(), Phase::Paused);
}

#[test]
fn volume_is_clamped_and_unmutes() {
    let mut player = Player::new(1, QUALITY);
    assert_eq!(player.handle(Event::ToggleMute), [Effect::Volume { level: 1.0, muted: true }]);
    assert_eq!(player.handle(Event::Volume(0.4)), [Effect::Volume { level: 0.4, muted: false }]);
    assert_eq!(player.handle(Event::Volume(7.0)), [Effect::Volume { level: 1.0, muted: false }]);
}

#[test]
fn numbers_that_a_browser_reports_before_it_knows_are_not_taken() {
    let mut player = playing(0, 5.0);
    player.handle(Event::Duration(f64::INFINITY));
    assert_eq!(player.duration(), None);
    player.handle(Event::Position(f64::NAN));
    assert_eq!(player.position().to_bits(), 5.0_f64.to_bits());
}

#[test]
fn another_quality_goes_on_from_the_same_place_and_holds_for_what_follows() {
    let mut player = playing(1, 42.0);
    let low = |track, at| Effect::Load { track, quality: Quality::Low, at };
    let effects = player.handle(Event::Quality(Quality::Low));
    assert_eq!(effects, [Effect::RememberQuality(Quality::Low), low(1, 42.0), Effect::Play]);
    assert_eq!((player.quality(), player.phase()), (Quality::Low, Phase::Waiting));
    player.handle(Event::Paused);
    assert!(player.wants_sound(), "an element that is loaded anew stands still for a moment");
    player.handle(Event::Playing);
    assert_eq!(player.handle(Event::Ended), [low(2, 0.0), Effect::Play]);
    player.handle(Event::Position(7.0));
    player.handle(Event::Failed(Failure::Network));
    assert_eq!(player.handle(Event::RetryDue(1)), [low(2, 7.0), Effect::Play]);
}

#[test]
fn another_quality_does_not_start_what_stands_still() {
    let mut paused = playing(1, 42.0);
    paused.handle(Event::Toggle);
    let mut finished = playing(2, 99.9);
    finished.handle(Event::Ended);
    let mut failed = Player::new(1, QUALITY);
    failed.handle(Event::Toggle);
    failed.handle(Event::Failed(Failure::Unplayable));
    for (mut player, phase) in [(paused, Phase::Paused), (finished, Phase::Finished), (failed, Phase::Paused)] {
        let (track, at, quality) = (player.current(), player.position(), Quality::High);
        let effects = player.handle(Event::Quality(quality));
        assert_eq!(effects, [Effect::RememberQuality(quality), Effect::Load { track, quality, at }]);
        assert_eq!(player.phase(), phase);
    }
}

#[test]
fn the_quality_that_is_there_already_interrupts_nothing() {
    assert_eq!(playing(1, 42.0).handle(Event::Quality(QUALITY)), []);
}

#[test]
fn an_original_that_the_browser_does_not_play_goes_on_as_mp3_once_a_track() {
    let mut player = playing(0, 42.0);
    player.handle(Event::Quality(Quality::Original));
    player.handle(Event::Position(42.0));
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), load(0, 42.0));
    assert_eq!(player.notice(), Some((0, substitute::SENTENCE)));
    player.handle(Event::Playing);
    assert_eq!((player.quality(), player.notice()), (Quality::Original, Some((0, substitute::SENTENCE))));

    let original = |track| vec![Effect::Load { track, quality: Quality::Original, at: 0.0 }, Effect::Play];
    assert_eq!(player.handle(Event::Next), original(1), "another track may be one that it plays");
    assert_eq!(player.notice(), None);
    assert_eq!(player.handle(Event::Failed(Failure::Damaged)), load(1, 0.0));
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), original(2), "neither plays");
    assert_eq!(player.notice(), Some((1, Failure::Unplayable.sentence())));
}

#[test]
fn a_broken_stream_in_place_of_an_original_is_asked_for_again_in_the_same_quality() {
    let mut player = playing(0, 0.0);
    player.handle(Event::Quality(Quality::Original));
    player.handle(Event::Failed(Failure::Unplayable));
    player.handle(Event::Position(7.0));
    assert_eq!(player.handle(Event::Failed(Failure::Network)), [Effect::Retry { attempt: 1, after_millis: 250 }]);
    assert_eq!(player.handle(Event::RetryDue(1)), load(0, 7.0));
    let low = Effect::Load { track: 0, quality: Quality::Low, at: 7.0 };
    let chosen = [Effect::RememberQuality(Quality::Low), low, Effect::Play];
    assert_eq!(player.handle(Event::Quality(Quality::Low)), chosen);
    assert_eq!(player.notice(), None);
}

#[test]
fn an_original_that_fails_while_standing_still_stands_still_as_mp3() {
    let mut player = Player::new(1, Quality::Original);
    let medium = Effect::Load { track: 0, quality: Quality::Medium, at: 0.0 };
    assert_eq!(player.handle(Event::Failed(Failure::Unplayable)), [medium]);
    assert_eq!(player.phase(), Phase::Paused);
    assert_eq!(player.handle(Event::Toggle), [Effect::Play]);
}
