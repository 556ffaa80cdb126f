-- What the search reads beside the tables of schema.sql. Triggers note what changes there, and search/follow.rs brings
-- the tables here up to date with it, many changes at once.

-- Rows that are new, gone, or under another name or number than the tables below know them. What these know is here:
-- the rowid and the names; nothing for what is new.
CREATE TABLE changed_artists (id INTEGER PRIMARY KEY, found INTEGER, name TEXT) STRICT;
CREATE TABLE changed_releases (id INTEGER PRIMARY KEY, found INTEGER, title TEXT, artist TEXT) STRICT;
CREATE TABLE changed_tracks (
    id INTEGER PRIMARY KEY, found INTEGER, title TEXT, artist TEXT, album TEXT
) STRICT;

-- The last track that the search knows; new ones have higher ids, and are noted nowhere.
CREATE TABLE followed (track_id INTEGER NOT NULL) STRICT;
INSERT INTO followed VALUES (0);

CREATE TRIGGER artists_added AFTER INSERT ON artists BEGIN
    INSERT OR IGNORE INTO changed_artists (id) VALUES (new.id);
END;

CREATE TRIGGER artists_lost AFTER DELETE ON artists BEGIN
    INSERT OR IGNORE INTO changed_artists VALUES (old.id, (1048575 - old.track_count) << 40 | old.id, old.name);
END;

CREATE TRIGGER artists_changed AFTER UPDATE OF name, track_count ON artists
WHEN (old.name, old.track_count) <> (new.name, new.track_count)
BEGIN
    INSERT OR IGNORE INTO changed_artists VALUES (old.id, (1048575 - old.track_count) << 40 | old.id, old.name);
END;

CREATE TRIGGER releases_added AFTER INSERT ON releases BEGIN
    INSERT OR IGNORE INTO changed_releases (id) VALUES (new.id);
END;

CREATE TRIGGER releases_lost AFTER DELETE ON releases BEGIN
    INSERT OR IGNORE INTO changed_releases
    VALUES (old.id, min(length(old.title), 255) << 40 | old.id, old.title, old.artist);
END;

CREATE TRIGGER releases_changed AFTER UPDATE OF title, artist ON releases
WHEN (old.title, old.artist) <> (new.title, new.artist)
BEGIN
    INSERT OR IGNORE INTO changed_releases
    VALUES (old.id, min(length(old.title), 255) << 40 | old.id, old.title, old.artist);
END;

CREATE TRIGGER tracks_lost AFTER DELETE ON tracks
WHEN old.id <= (SELECT track_id FROM followed)
BEGIN
    INSERT OR IGNORE INTO changed_tracks
    VALUES (old.id, min(length(old.title), 255) << 40 | old.id, old.title, old.artist, old.album);
END;

CREATE TRIGGER tracks_changed AFTER UPDATE OF title, artist, album ON tracks
WHEN (old.title, old.artist, old.album) <> (new.title, new.artist, new.album)
    AND old.id <= (SELECT track_id FROM followed)
BEGIN
    INSERT OR IGNORE INTO changed_tracks
    VALUES (old.id, min(length(old.title), 255) << 40 | old.id, old.title, old.artist, old.album);
END;

-- All distinct words, and in how many names each is; for the inside of words and for typing errors. The numbers of all
-- lists add up; search/vocabulary.rs writes and reads them. No id is given twice, for readers remember lists by it.
CREATE TABLE vocabulary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    words TEXT NOT NULL
) STRICT;

-- "title", "artist", "album", "name": every spelling somebody may type. "whole": the entire name as one word behind a
-- '=', which no other word has.
-- The rowids carry the order of the hits, for sorting them would mean reading them all: above the 40 bits of the id
-- stand, for artists, how few tracks they have, and for the others the length of the title.
CREATE VIRTUAL TABLE find_artists USING fts5 (
    name, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5', tokenize = "ascii tokenchars '='"
);

CREATE VIRTUAL TABLE find_releases USING fts5 (
    title, artist, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5', tokenize = "ascii tokenchars '='"
);

CREATE VIRTUAL TABLE find_tracks USING fts5 (
    title, artist, album, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5',
    tokenize = "ascii tokenchars '='"
);

-- Bytes that are gathered in memory and sorted before they are written: more than a batch of a scan.
INSERT INTO find_tracks (find_tracks, rank) VALUES ('hashsize', 16777216);
-- A scan writes layer after layer; the fewer are merged on the way, the sooner it has come to its end.
INSERT INTO find_tracks (find_tracks, rank) VALUES ('automerge', 16);
-- Bytes of a leaf: what is in few names is looked up in the lists of what is in many, leaf by leaf.
INSERT INTO find_tracks (find_tracks, rank) VALUES ('pgsz', 1000);
