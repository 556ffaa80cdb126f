-- What follows INSERT, for new tracks and for known ones.
INTO tracks (
    id, path, release_id, size, modified_ns, inode, title, artist, album, album_artist, disc_number, track_number, year,
    genre, duration, bitrate, codec, track_gain, album_gain, has_art, is_compilation
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
