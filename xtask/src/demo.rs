//! Makes the demo library: a dozen short pieces, one long one, their covers and a mixtape, all from code.
//! It knows nothing of the server that plays them; what it leaves behind is files as anyone's music folder has them.

mod backyard_sundays;
mod catalogue;
mod cover;
mod drums;
mod effects;
mod encode;
mod filters;
mod harmony;
mod mixtape;
mod paper;
mod perform;
mod prints;
mod rheinpromenade;
mod score;
mod shapes;
mod stereo;
mod tags;
mod tape;
mod tape_hiss_and_tea;
mod tiles;
mod voices;
mod window;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::{fs, io, thread};

use catalogue::{Music, RELEASES, Release, Track};
use mixtape::Made;

/// Changes whenever the music, the covers or the mixtape do.
const VERSION: &str = "3";

/// Holds the version of the library that is there; it arrives together with the music, as the last thing of all.
const MARKER: &str = ".demo-version";

/// Where everything is made. It is inside the folder, so that it can be renamed on any arrangement of file systems.
const WORKSHOP: &str = ".demo-in-the-making";

/// The size of the covers inside the audio files, in pixels.
const EMBEDDED: u16 = 600;

/// An error that may pass from one thread to another.
type Failure = Box<dyn Error + Send + Sync>;

/// Makes the demo library in `folder`: `music` and `mixtapes`. Does nothing if it is there already; an older version
/// is replaced, other people's music is not. `say` hears of every track.
pub(crate) fn make(folder: &Path, say: &dyn Fn(&str)) -> Result<(), Box<dyn Error>> {
    let music = folder.join("music");
    match fs::read_to_string(music.join(MARKER)) {
        Ok(version) if version == VERSION => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if music.exists() {
                return Err(format!("{} is there, but was not made by the demo", music.display()).into());
            }
        }
        Err(error) => return Err(error.into()),
    }
    let workshop = folder.join(WORKSHOP);
    if workshop.exists() {
        fs::remove_dir_all(&workshop)?;
    }
    fs::create_dir_all(&workshop)?;
    fill(&workshop, say).map_err(|failure| failure as Box<dyn Error>)?;
    deliver(&workshop, folder)?;
    Ok(())
}

/// Makes everything in the workshop.
fn fill(workshop: &Path, say: &dyn Fn(&str)) -> Result<(), Failure> {
    let music = workshop.join("music");
    let mut jobs = Vec::new();
    for release in RELEASES {
        let folder = release.folder();
        fs::create_dir_all(music.join(&folder))?;
        let cover = release.cover.jpeg(EMBEDDED)?;
        for (number, track) in (1..).zip(release.tracks) {
            let path = format!("{folder}/{}", track.file_name(number, release));
            jobs.push(Job { release, track, number, path, cover: cover.clone() });
        }
    }
    // The longest first: it takes one core about as long as the others together take the rest.
    jobs.sort_by_key(|job| !matches!(job.track.music, Music::Window));
    let made = perform_all(&jobs, &music, say)?;
    mixtape::write(&workshop.join("mixtapes"), &made)?;
    Ok(fs::write(music.join(MARKER), VERSION)?)
}

/// A track to be made.
struct Job {
    release: &'static Release,
    track: &'static Track,
    /// Its number on the release, from 1.
    number: usize,
    /// Where it goes below the music folder, with `/` between folders.
    path: String,
    /// The JPEG that goes into it.
    cover: Vec<u8>,
}

impl Job {
    fn run(&self, seed: usize, music: &Path) -> Result<Made, Failure> {
        let Self { release, track, number, path, cover } = self;
        let file: PathBuf = path.split('/').fold(music.to_owned(), |folder, name| folder.join(name));
        let seed = seed as u64;
        let sound = match &track.music {
            Music::Score(score) => perform::perform(score, track.rate, seed)?,
            Music::Window => window::perform(track.rate, seed)?,
        };
        let seconds = sound.seconds();
        encode::write(sound, track.mono, track.format, i32::try_from(seed)?, &file)?;
        tags::write(&file, release, track, *number, cover)?;
        Ok(Made { artist: track.artist, album: release.title, title: track.title, path: path.clone(), seconds })
    }
}

/// Makes all tracks, on as many cores as there are.
fn perform_all(jobs: &[Job], music: &Path, say: &dyn Fn(&str)) -> Result<Vec<Made>, Failure> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let (begun, beginning) = mpsc::channel();
    thread::scope(|scope| {
        let work = |begun: mpsc::Sender<usize>| {
            let mut made = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { return Ok(made) };
                // Nobody listens only if the other side has failed, and then it does not matter.
                let _ = begun.send(index);
                made.push(job.run(index + 1, music).map_err(|error| format!("{}: {error}", job.path))?);
            }
        };
        let hands: Vec<_> = (0..workers)
            .map(|_| {
                let begun = begun.clone();
                scope.spawn(move || work(begun))
            })
            .collect();
        drop(begun);
        for (count, index) in (1..).zip(beginning) {
            let Track { artist, title, .. } = jobs[index].track;
            say(&format!("making {count} of {}: {artist} – {title}", jobs.len()));
        }
        let mut made = Vec::new();
        for hand in hands {
            let tracks: Result<Vec<Made>, String> = hand.join().map_err(|_| "a track could not be made")?;
            made.extend(tracks?);
        }
        Ok(made)
    })
}

/// Moves everything from the workshop to its place: the music last, because the marker is in it.
fn deliver(workshop: &Path, folder: &Path) -> io::Result<()> {
    let (mixtapes, music) = (folder.join("mixtapes"), folder.join("music"));
    fs::create_dir_all(mixtapes.join("covers"))?;
    for file in [format!("covers/{}.jpg", mixtape::SLUG), format!("{}.json", mixtape::SLUG)] {
        fs::rename(workshop.join("mixtapes").join(&file), mixtapes.join(&file))?;
    }
    if music.exists() {
        fs::rename(&music, workshop.join("replaced"))?;
    }
    fs::rename(workshop.join("music"), music)?;
    fs::remove_dir_all(workshop)
}
