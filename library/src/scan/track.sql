INSERT INTO tracks (
    id, path, release_id, size, modified_ns, inode, title, artist, album, album_artist, disc_number, track_number, year,
    genre, duration, bitrate, codec, track_gain, album_gain, has_art, is_compilation
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
