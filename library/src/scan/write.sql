-- Writes the batch in temp.files and temp.heard. What was known of these files before decides, too, whose sums change.
UPDATE temp.files SET track_id = (SELECT id FROM tracks WHERE tracks.path = files.path) WHERE track_id IS NULL;

INSERT OR IGNORE INTO temp.touched_releases
SELECT t.release_id FROM temp.files f JOIN tracks t ON t.id = f.track_id;

INSERT OR IGNORE INTO temp.touched_artists
SELECT a.artist_id FROM temp.files f JOIN track_artists a ON a.track_id = f.track_id;

DELETE FROM track_artists WHERE track_id IN (SELECT track_id FROM temp.files WHERE title IS NOT NULL);

UPDATE temp.files SET track_id = (SELECT coalesce(max(id), 0) FROM tracks) + place + 1, is_new = 1
WHERE track_id IS NULL AND title IS NOT NULL;

INSERT INTO releases (folder, title, artist)
SELECT DISTINCT folder, '', '' FROM temp.files WHERE title IS NOT NULL
ON CONFLICT (folder) DO NOTHING;

INSERT INTO tracks (
    id, path, release_id, size, modified_ns, inode, title, artist, album, album_artist, disc_number, track_number, year,
    genre, duration, bitrate, codec, track_gain, album_gain, has_art, is_compilation
)
SELECT
    f.track_id,
    f.path,
    r.id,
    f.size,
    f.modified_ns,
    f.inode,
    f.title,
    f.artist,
    f.album,
    f.album_artist,
    f.disc_number,
    f.track_number,
    f.year,
    f.genre,
    f.duration,
    f.bitrate,
    f.codec,
    f.track_gain,
    f.album_gain,
    f.has_art,
    f.is_compilation
FROM temp.files f
JOIN releases r ON r.folder = f.folder
WHERE f.title IS NOT NULL
ORDER BY f.place
ON CONFLICT (id) DO UPDATE SET
    path = excluded.path,
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

INSERT INTO artists (name, folded)
SELECT name, folded FROM temp.heard h WHERE NOT EXISTS (SELECT 1 FROM artists a WHERE a.folded = h.folded)
ON CONFLICT (folded) DO NOTHING;

INSERT INTO track_artists (track_id, artist_id, position)
SELECT f.track_id, a.id, h.position
FROM temp.heard h
CROSS JOIN temp.files f ON f.place = h.place
CROSS JOIN artists a ON a.folded = h.folded;

INSERT OR IGNORE INTO temp.touched_releases
SELECT DISTINCT r.id FROM temp.files f JOIN releases r ON r.folder = f.folder;

INSERT OR IGNORE INTO temp.touched_artists
SELECT DISTINCT a.id FROM temp.heard h JOIN artists a ON a.folded = h.folded;

INSERT OR IGNORE INTO temp.seen
SELECT track_id FROM temp.files WHERE track_id IS NOT NULL AND (title IS NOT NULL OR is_kept);

DELETE FROM problems WHERE path IN (SELECT path FROM temp.files WHERE problem IS NULL);

INSERT INTO problems (path, reason, size, modified_ns, inode)
SELECT path, problem, size, modified_ns, inode FROM temp.files WHERE problem IS NOT NULL
ON CONFLICT (path) DO UPDATE SET
    reason = excluded.reason, size = excluded.size, modified_ns = excluded.modified_ns, inode = excluded.inode;

INSERT OR IGNORE INTO temp.seen_problems SELECT path FROM temp.files WHERE problem IS NOT NULL;

DELETE FROM temp.files;
DELETE FROM temp.heard;
