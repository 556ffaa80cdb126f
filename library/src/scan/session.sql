-- What one scan knows, on its own connection; gone with it. In memory, for not every container has a place for
-- temporary files: a dozen bytes for each track in a folder that has changed.
PRAGMA temp_store = MEMORY;
-- kibibytes
PRAGMA cache_size = -32000;
-- pages, of 4 KiB: moving them to the database waits for the disk
PRAGMA wal_autocheckpoint = 25000;

-- What was found again, and may stay.
CREATE TEMP TABLE seen (track_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE seen_problems (path TEXT PRIMARY KEY) WITHOUT ROWID;
-- Folders in which nothing has changed: all their tracks may stay.
CREATE TEMP TABLE seen_releases (id INTEGER PRIMARY KEY);

-- The files that are looked up, beside what is known of them.
CREATE TEMP TABLE found (
    place INTEGER PRIMARY KEY,
    path TEXT,
    size INTEGER,
    modified_ns INTEGER,
    inode INTEGER,
    track_id INTEGER,
    -- the row is of this state of the file
    is_same INTEGER,
    -- a problem is known with this state of the file
    is_known_problem INTEGER
);

-- The batch that is written.
CREATE TEMP TABLE files (
    place INTEGER PRIMARY KEY,
    -- the track, also if it is known under another path; none for a new one
    track_id INTEGER,
    path TEXT,
    folder TEXT,
    size INTEGER,
    modified_ns INTEGER,
    inode INTEGER,
    problem TEXT,
    -- the row may stay although nothing could be read
    is_kept INTEGER,
    -- none of these where nothing could be read
    title TEXT,
    artist TEXT,
    album TEXT,
    album_artist TEXT,
    disc_number INTEGER,
    track_number INTEGER,
    year INTEGER,
    genre TEXT,
    duration INTEGER,
    bitrate INTEGER,
    codec TEXT,
    track_gain INTEGER,
    album_gain INTEGER,
    has_art INTEGER,
    is_compilation INTEGER,
    is_new INTEGER
);
-- The artists of its tracks.
CREATE TEMP TABLE heard (place INTEGER, position INTEGER, name TEXT, folded TEXT);
CREATE TEMP TABLE gone (track_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_releases (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_artists (id INTEGER PRIMARY KEY);
