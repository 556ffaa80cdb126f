//! Listeners who wait, and listeners who leave.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;

use audio::Source;
use audio::transcoding::LiveSource;

use crate::sources::{Beyond, Gate, Sound, encoders, read, transcoding};

#[test]
fn waiting_holds_no_thread() {
    let gate = Arc::new(Gate::default());
    let sound = Arc::new(Sound::new(120, Beyond::Wait(Arc::clone(&gate))));
    let live = transcoding(&sound, None, &encoders());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let read = runtime.block_on(async {
        let waiting: Vec<_> = (0..300)
            .map(|number| {
                let source = LiveSource::new(Arc::clone(&live));
                tokio::spawn(async move {
                    let offset = 1000 + number % 20 * 50_000;
                    let mut buffer = [0; 100];
                    loop {
                        match source.read_now(&mut buffer, offset) {
                            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                                source.wait(offset).unwrap().await;
                            }
                            read => break read.unwrap(),
                        }
                    }
                })
            })
            .collect();
        // All of them wait on this one thread, which is free for others.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
        gate.open();
        let mut read = 0;
        for waiting in waiting {
            read += waiting.await.unwrap();
        }
        read
    });
    assert_eq!(read, 300 * 100);
}

#[test]
fn what_only_departed_listeners_wanted_is_not_made() {
    let (encoders, gate) = (encoders(), Arc::new(Gate::default()));
    // Every thread is busy.
    let threads = thread::available_parallelism().unwrap().get();
    let busy: Vec<_> = (0..threads)
        .map(|_| {
            let sound = Arc::new(Sound::new(20, Beyond::Wait(Arc::clone(&gate))));
            let live = transcoding(&sound, None, &encoders);
            thread::spawn(move || read(&LiveSource::new(live)).unwrap())
        })
        .collect();
    gate.wait_for(threads);

    let sound = Arc::new(Sound::new(600, Beyond::Nothing));
    let live = transcoding(&sound, None, &encoders);
    let leave = |offset: u64| {
        let source = LiveSource::new(Arc::clone(&live));
        let mut wait: Pin<Box<_>> = source.wait(offset).unwrap();
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    };
    for seek in 0..50 {
        leave(3_000_000 + seek * 100_000);
    }
    gate.open();
    for busy in busy {
        busy.join().unwrap();
    }
    // New listeners, and those who stayed, are served.
    let start = LiveSource::new(Arc::clone(&live));
    start.read_at(&mut [0; 1000], 0).unwrap();
    start.read_at(&mut [0; 1000], 5000).unwrap();
    let reads = sound.reads.lock().unwrap();
    let middle = sound.len() / 4..sound.len() - 1_000_000;
    assert!(!reads.iter().any(|offset| middle.contains(offset)), "somebody has seeked there");
}
