-- Writes the batch in temp.files. What was known of these files before decides, too, whose sums change.
INSERT OR IGNORE INTO temp.touched_releases
SELECT t.release_id FROM temp.files f JOIN tracks t ON t.path = f.path OR t.id = f.moved_id;

INSERT OR IGNORE INTO temp.touched_artists
SELECT a.artist_id
FROM temp.files f
JOIN tracks t ON t.path = f.path OR t.id = f.moved_id
JOIN track_artists a ON a.track_id = t.id;

INSERT INTO releases (folder, title, artist)
SELECT DISTINCT folder, '', '' FROM temp.files WHERE track IS NOT NULL
ON CONFLICT (folder) DO NOTHING;

UPDATE tracks SET path = f.path FROM temp.files f WHERE tracks.id = f.moved_id AND f.track IS NOT NULL;

INSERT INTO tracks (
    path, release_id, size, modified_ns, inode, title, artist, album, album_artist, disc_number, track_number, year,
    genre, duration, bitrate, codec, track_gain, album_gain, has_art, is_compilation
)
SELECT
    f.path,
    r.id,
    f.size,
    f.modified_ns,
    f.inode,
    track ->> 'title',
    track ->> 'artist',
    track ->> 'album',
    track ->> 'album_artist',
    track ->> 'disc_number',
    track ->> 'track_number',
    track ->> 'year',
    track ->> 'genre',
    track ->> 'duration',
    track ->> 'bitrate',
    track ->> 'codec',
    track ->> 'track_gain',
    track ->> 'album_gain',
    track ->> 'has_art',
    track ->> 'is_compilation'
FROM temp.files f
JOIN releases r ON r.folder = f.folder
WHERE f.track IS NOT NULL
ON CONFLICT (path) DO UPDATE SET
    release_id = excluded.release_id,
    size = excluded.size,
    modified_ns = excluded.modified_ns,
    inode = excluded.inode,
    title = excluded.title,
    artist = excluded.artist,
    album = excluded.album,
    album_artist = excluded.album_artist,
    disc_number = excluded.disc_number,
    track_number = excluded.track_number,
    year = excluded.year,
    genre = excluded.genre,
    duration = excluded.duration,
    bitrate = excluded.bitrate,
    codec = excluded.codec,
    track_gain = excluded.track_gain,
    album_gain = excluded.album_gain,
    has_art = excluded.has_art,
    is_compilation = excluded.is_compilation;

DELETE FROM track_artists
WHERE track_id IN (SELECT t.id FROM temp.files f JOIN tracks t ON t.path = f.path WHERE f.track IS NOT NULL);

INSERT INTO artists (name, folded)
SELECT a.value ->> 0, a.value ->> 1 FROM temp.files f, json_each(f.track, '$.artists') a WHERE f.track IS NOT NULL
ON CONFLICT (folded) DO NOTHING;

INSERT INTO track_artists (track_id, artist_id, position)
SELECT t.id, known.id, a.key
FROM temp.files f, json_each(f.track, '$.artists') a
JOIN tracks t ON t.path = f.path
JOIN artists known ON known.folded = a.value ->> 1
WHERE f.track IS NOT NULL;

INSERT OR IGNORE INTO temp.touched_releases
SELECT t.release_id FROM temp.files f JOIN tracks t ON t.path = f.path;

INSERT OR IGNORE INTO temp.touched_artists
SELECT a.artist_id FROM temp.files f JOIN tracks t ON t.path = f.path JOIN track_artists a ON a.track_id = t.id;

INSERT OR IGNORE INTO temp.seen
SELECT t.id FROM temp.files f JOIN tracks t ON t.path = f.path WHERE f.track IS NOT NULL OR f.is_kept;

DELETE FROM problems WHERE path IN (SELECT path FROM temp.files WHERE problem IS NULL);

INSERT INTO problems (path, reason, size, modified_ns, inode)
SELECT path, problem, size, modified_ns, inode FROM temp.files WHERE problem IS NOT NULL
ON CONFLICT (path) DO UPDATE SET
    reason = excluded.reason, size = excluded.size, modified_ns = excluded.modified_ns, inode = excluded.inode;

INSERT OR IGNORE INTO temp.seen_problems SELECT path FROM temp.files WHERE problem IS NOT NULL;

DELETE FROM temp.files;
