//! A made-up music library of any size: names in several languages, whose words are as common as words are (Zipf), and
//! what people type who look for something in it. The same size gives the same library; what is made of the names is
//! not known here.

use std::collections::HashSet;

/// A small, fast generator of random numbers (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 on, below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or_default()
    }

    /// A number from 0 on, below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// Artists, and what they have made.
pub(crate) struct MadeUp {
    pub(crate) artists: Vec<String>,
    pub(crate) releases: Vec<Release>,
}

pub(crate) struct Release {
    /// The place of the artist in the list of them.
    pub(crate) artist: usize,
    pub(crate) title: String,
    pub(crate) year: usize,
    pub(crate) is_compilation: bool,
    pub(crate) tracks: Vec<Track>,
}

pub(crate) struct Track {
    pub(crate) title: String,
    /// Their places in the list.
    pub(crate) artists: Vec<usize>,
}

impl MadeUp {
    /// The album artist of a release.
    pub(crate) fn album_artist(&self, release: &Release) -> &str {
        if release.is_compilation { "Various Artists" } else { &self.artists[release.artist] }
    }

    /// All artists of a track as one text.
    pub(crate) fn track_artist(&self, track: &Track) -> String {
        track.artists.iter().map(|artist| self.artists[*artist].as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The folder of the release of this number; no two have the same.
    pub(crate) fn folder(&self, number: usize) -> String {
        let release = &self.releases[number];
        let plain = |name: &str| name.replace('/', "-").trim_start_matches('.').to_owned();
        format!("{}/{} {number}", plain(self.album_artist(release)), plain(&release.title))
    }

    /// What is typed by somebody who looks for something of this library, at some keystroke from the second letter on.
    pub(crate) fn typed(&self, dice: &mut Dice) -> String {
        let release = &self.releases[dice.below(self.releases.len())];
        let track = &release.tracks[dice.below(release.tracks.len())];
        let artist = &self.artists[track.artists[0]];
        let kind = dice.below(100);
        let mut text = match kind {
            0..=34 => artist.clone(),
            35..=64 => track.title.clone(),
            65..=79 => release.title.clone(),
            80..=89 => format!("{artist} {}", track.title),
            90..=91 => format!("artist:\"{artist}\" {}", track.title),
            92..=93 => format!("song:{}", track.title),
            94..=95 => track.title.chars().skip(2).collect(),
            _ => misspelt(&track.title, dice),
        };
        if dice.percent(50) {
            text = text.to_lowercase();
        }
        let signs: Vec<char> = text.chars().take(40).collect();
        let length = if kind >= 90 { signs.len() } else { 2 + dice.below(signs.len().max(2) - 1) };
        signs.into_iter().take(length).collect()
    }
}

fn misspelt(text: &str, dice: &mut Dice) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    if signs.len() > 3 {
        let place = 1 + dice.below(signs.len() - 2);
        match dice.below(4) {
            0 => signs.swap(place, place + 1),
            1 => drop(signs.remove(place)),
            2 => signs.insert(place, 'e'),
            _ => signs[place] = 'o',
        }
    }
    signs.into_iter().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    German,
    French,
    Spanish,
    Japanese,
    Russian,
    Greek,
}
use Language::{English, French, German, Greek, Japanese, Russian, Spanish};

/// In sixteenths of the artists.
const LANGUAGES: [Language; 16] = [
    English, English, English, English, English, English, English, English, English, English, German, French, Spanish,
    Japanese, Russian, Greek,
];

/// The most common words first.
fn common(language: Language) -> Vec<&'static str> {
    let words = match language {
        English => {
            "the you of love me a in to my i on and it your is all no one night for time be we don't man day down world \
             with baby life heart good home dance up blue black away out never song what dream go way from rain fire \
             girl light little like this white road let back heaven new dead sun red die moon long another know come \
             last city house water how eyes high summer star lost great wild sweet people river run take gone change \
             feel soul angel god stay lonely wind hey mind not so if can't i'm won't we're boy street crazy sky hello \
             goodbye morning christmas blues rock roll mother father children king queen john mary devil ghost train \
             car ocean sea island mountain desert winter autumn spring golden silver stone glass paper machine electric \
             magic power freedom war peace beautiful broken forever tonight yesterday tomorrow today sunday monday \
             friday saturday midnight sunshine shadow dark darkness bright colour sound music radio television movie \
             letter story book memory forget remember waiting running falling flying dancing singing crying dying"
        }
        German => {
            "der die das und ich du nicht ein liebe in mein für nacht über welt zeit alles mir wir dich auf tag leben \
             herz straße mädchen männer schön grüße wieder allein himmel feuer wasser berlin könig mörder stadt licht"
        }
        French => {
            "la le de les l'amour je et un une pour moi c'est dans mon à nuit été cœur vie temps monde où garçon \
             français être même déjà très fille rêve soleil lumière"
        }
        Spanish => {
            "el la de que en mi y te no amor tu corazón noche vida sin canción niña mañana para un una quiero soy más \
             sólo adiós año río"
        }
        Japanese => {
            "恋 夢 夜 空 花 愛 世界 君 僕 の は が さくら ありがとう ラブ ソング ヒカル メロディー 東京 未来 永遠 涙 \
             雨 光 星 海 風 ドリーム ダンス 青い 春 夏 秋 冬 宇多田 椎名 林檎 中島 みゆき バンプ チキン キミ ボク ハナ"
        }
        Russian => {
            "я ты в не на любовь моя песня и ночь мы снег группа крови кино звезда дождь весна город солнце мама ветер \
             небо дорога война жизнь ещё друг последний герой"
        }
        Greek => {
            "το η ο και να μου σου αγάπη της νύχτα ελλάδα τραγούδι θάλασσα καρδιά ζωή χρόνια μάτια σίσυφος κόσμος ήλιος"
        }
    };
    words.split(' ').collect()
}

const SYLLABLES: [&str; 70] = [
    "ba", "be", "bo", "ca", "ce", "cor", "da", "de", "do", "dra", "el", "en", "er", "fa", "fer", "ga", "go", "gra",
    "ha", "hel", "in", "is", "ja", "ka", "ker", "la", "le", "li", "lo", "lu", "ma", "me", "mi", "mon", "na", "ne",
    "no", "or", "pa", "pe", "pro", "ra", "re", "ri", "ro", "sa", "se", "sha", "so", "sta", "ta", "te", "ti", "to",
    "tra", "u", "va", "ve", "vi", "wa", "we", "wi", "yo", "za", "zo", "th", "ing", "ton", "man", "ley",
];

/// Words of a language, in all the names together.
const VOCABULARY: f64 = 200_000.0;

/// A rare word: the same rank makes the same word.
fn rare(rank: usize, language: Language) -> String {
    let mut dice = Dice(rank as u64);
    if language == Japanese {
        let sign = |from: u32, count: usize, dice: &mut Dice| {
            u32::try_from(dice.below(count)).ok().and_then(|place| char::from_u32(from + place)).unwrap_or('ア')
        };
        return (0..=dice.below(2))
            .flat_map(|_| [sign(0x30a2, 80, &mut dice), sign(0x4e00, 3000, &mut dice)])
            .collect();
    }
    let syllables = 2 + dice.below(3);
    let word: String = (0..syllables).map(|_| dice.pick(&SYLLABLES)).collect();
    let other = |letters: &str| -> String {
        word.bytes().filter_map(|letter| letters.chars().nth(usize::from(letter - b'a'))).collect()
    };
    match language {
        Russian => other("абцдефгхийклмнопярстувшжыз"),
        Greek => other("αβκδεφγχιικλμνοπκρστυβωξυζ"),
        German if rank.is_multiple_of(5) => word.replacen('a', "ä", 1),
        French if rank.is_multiple_of(4) => word.replacen('e', "é", 1),
        Spanish if rank.is_multiple_of(4) => word.replacen('o', "ó", 1),
        _ => word,
    }
}

struct Words(Vec<(Language, Vec<&'static str>)>);

impl Words {
    fn new() -> Self {
        Self([English, German, French, Spanish, Japanese, Russian, Greek].map(|own| (own, common(own))).into())
    }

    fn word(&self, dice: &mut Dice, language: Language) -> String {
        // Zipf's law: a word is as rare as its rank is high.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below VOCABULARY and not below 0
        let rank = (dice.unit() * VOCABULARY.ln()).exp() as usize - 1;
        let common = self.0.iter().find(|(own, _)| *own == language).and_then(|(_, common)| common.get(rank));
        common.map_or_else(|| rare(rank, language), |word| (*word).to_owned())
    }

    fn name(&self, dice: &mut Dice, language: Language, longest: usize) -> String {
        let words: Vec<_> = (0..=dice.below(longest)).map(|_| capital(&self.word(dice, language))).collect();
        words.join(if language == Japanese { "" } else { " " })
    }
}

fn capital(word: &str) -> String {
    let mut signs = word.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}

/// A library of so many tracks.
pub(crate) fn made_up(tracks: usize) -> MadeUp {
    let (mut dice, words) = (Dice(1), Words::new());
    let (artists, languages) = artists(&mut dice, &words, tracks / 22 + 9);
    let mut releases = Vec::new();
    let mut left = tracks;
    while left > 0 {
        // Some have made much, most have made little.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of their number
        let artist = (dice.unit().powf(1.7) * artists.len() as f64) as usize;
        let language = languages[artist];
        let title = match dice.below(100) {
            0..=2 => "Greatest Hits".to_owned(),
            3 => "Unknown Album".to_owned(),
            4..=6 => format!("Live in {}", words.name(&mut dice, language, 1)),
            7 => artists[artist].clone(),
            _ => words.name(&mut dice, language, 4),
        };
        let is_compilation = dice.percent(5);
        let count = if dice.percent(15) { 1 + dice.below(5) } else { 8 + dice.below(9) };
        let own = |dice: &mut Dice| if is_compilation { dice.below(artists.len()) } else { artist };
        let track = |_| {
            let artist = own(&mut dice);
            let mut by = vec![artist];
            let title = words.name(&mut dice, languages[artist], 5);
            let title = match dice.below(100) {
                0..=5 => title + " (Remastered 2009)",
                6..=9 => title + " (Live)",
                10..=11 => title + " - Single Version",
                12..=14 => {
                    by.push(dice.below(artists.len()));
                    format!("{title} (feat. {})", artists[by[1]])
                }
                15..=16 => format!("{title} [{} Remix]", words.name(&mut dice, English, 1)),
                _ => title,
            };
            Track { title, artists: by }
        };
        let tracks: Vec<_> = (0..count.min(left)).map(track).collect();
        left -= tracks.len();
        releases.push(Release { artist, title, year: 1955 + dice.below(70), is_compilation, tracks });
    }
    MadeUp { artists, releases }
}

fn artists(dice: &mut Dice, words: &Words, count: usize) -> (Vec<String>, Vec<Language>) {
    let known = ["AC/DC", "Björk", "P!nk", "The Beatles", "Radiohead", "Sigur Rós", "宇多田ヒカル", "Кино", "!!!"];
    let mut artists: Vec<String> = known.map(str::to_owned).into();
    let mut languages = vec![English; artists.len()];
    let mut seen: HashSet<String> = artists.iter().map(|name| name.to_lowercase()).collect();
    while artists.len() < count {
        let language = dice.pick(&LANGUAGES);
        let mut name = words.name(dice, language, 3);
        if dice.percent(12) && language == English {
            name = format!("The {name}");
        }
        if dice.percent(3) {
            name = name.replacen(' ', dice.pick(&["/", "-", " & ", ". "]), 1);
        }
        // Names that many would have are told apart by one more word.
        while !seen.insert(name.to_lowercase()) {
            name = format!("{name} {}", capital(&words.word(dice, language)));
        }
        artists.push(name);
        languages.push(language);
    }
    (artists, languages)
}
