-- The index of the music folder. Everything in it can be read again from the files, so that a new layout just replaces
-- the old one.

-- One row for each name, however it is written: "folded" is in lower case, without accents and punctuation.
CREATE TABLE artists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    release_count INTEGER NOT NULL DEFAULT 0,
    track_count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A release is a folder.
CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    -- relative to MUSIC_ROOT, without a slash at the end
    folder TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    -- the album artist, or "Various Artists"
    artist TEXT NOT NULL,
    is_compilation INTEGER NOT NULL DEFAULT 0,
    year INTEGER,
    track_count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Folders whose files, if they have any, are all in the index.
CREATE TABLE known_folders (
    -- relative to MUSIC_ROOT, without a slash at the end
    path TEXT PRIMARY KEY,
    -- of its files
    release_id INTEGER REFERENCES releases (id) ON DELETE CASCADE,
    -- what all files of the folder and their states come down to; while this is the same, none is looked up
    sum BLOB NOT NULL,
    -- when something came into the folder, left it or got another name there, in nanoseconds since 1970; while this is
    -- the same, so are the names in it
    changed_ns INTEGER,
    -- of its files, each with a slash behind it, and of the folders in it, each with a slash before it
    names TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    -- relative to MUSIC_ROOT
    path TEXT NOT NULL UNIQUE,
    release_id INTEGER NOT NULL REFERENCES releases (id),
    -- which state of which file was read
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    -- from the tags, or the path where they are missing
    title TEXT NOT NULL,
    -- all artists as one text, as in "A, B"
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    album_artist TEXT NOT NULL,
    disc_number INTEGER,
    track_number INTEGER,
    year INTEGER,
    genre TEXT NOT NULL DEFAULT '',
    -- milliseconds
    duration INTEGER,
    -- kbit/s
    bitrate INTEGER,
    codec TEXT NOT NULL DEFAULT '',
    -- hundredths of a decibel
    track_gain INTEGER,
    album_gain INTEGER,
    has_art INTEGER NOT NULL DEFAULT 0,
    -- the tag that says so
    is_compilation INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX tracks_by_release ON tracks (release_id, disc_number, track_number);
CREATE INDEX tracks_by_inode ON tracks (inode, size);

-- Where files are that a scan has found under another path, for those who know the old one.
CREATE TABLE moved (
    old_path TEXT PRIMARY KEY,
    new_path TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX moved_by_new_path ON moved (new_path);

CREATE TRIGGER tracks_moved AFTER UPDATE OF path ON tracks WHEN old.path <> new.path BEGIN
    UPDATE moved SET new_path = new.path WHERE new_path = old.path;
    INSERT OR REPLACE INTO moved VALUES (old.path, new.path);
    DELETE FROM moved WHERE old_path = new.path;
END;

CREATE TRIGGER tracks_moved_and_lost AFTER DELETE ON tracks BEGIN
    DELETE FROM moved WHERE new_path = old.path;
END;

CREATE TABLE track_artists (
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (track_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX track_artists_by_artist ON track_artists (artist_id);

-- Files that could not be read, with the reason for the owner.
CREATE TABLE problems (
    path TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    -- which state of the file was read in vain; none where it was not the file's fault
    size INTEGER,
    modified_ns INTEGER,
    inode INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
