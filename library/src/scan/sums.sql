-- What releases and artists say of their tracks, for those in temp.touched_releases and temp.touched_artists.
UPDATE releases SET
    track_count = coalesce(s.track_count, 0),
    is_compilation = coalesce(s.is_compilation, 0),
    -- mostly all tracks of a release say the same; only where they do not are they counted
    title = CASE
        WHEN s.first_album = s.last_album THEN s.first_album
        ELSE coalesce(
            (
                SELECT album FROM tracks t WHERE t.release_id = releases.id AND album <> ''
                GROUP BY album ORDER BY count(*) DESC, album LIMIT 1
            ),
            folder
        )
    END,
    year = CASE
        WHEN s.first_year IS s.last_year THEN s.first_year
        ELSE (
            SELECT year FROM tracks t WHERE t.release_id = releases.id AND year IS NOT NULL
            GROUP BY year ORDER BY count(*) DESC, year LIMIT 1
        )
    END,
    artist = CASE
        WHEN s.first_album_artist = s.last_album_artist AND s.first_album_artist <> '' THEN s.first_album_artist
        WHEN s.is_compilation THEN 'Various Artists'
        WHEN s.last_album_artist = '' AND s.first_artist = s.last_artist THEN s.first_artist
        ELSE coalesce(
            (
                SELECT album_artist FROM tracks t WHERE t.release_id = releases.id AND album_artist <> ''
                GROUP BY album_artist ORDER BY count(*) DESC, album_artist LIMIT 1
            ),
            (
                SELECT artist FROM tracks t WHERE t.release_id = releases.id AND artist <> ''
                GROUP BY artist ORDER BY count(*) DESC, artist LIMIT 1
            ),
            ''
        )
    END
FROM temp.touched_releases touched
LEFT JOIN (
    SELECT
        release_id,
        count(*) AS track_count,
        min(nullif(album, '')) AS first_album,
        max(nullif(album, '')) AS last_album,
        min(year) AS first_year,
        max(year) AS last_year,
        min(album_artist) AS first_album_artist,
        max(album_artist) AS last_album_artist,
        min(artist) AS first_artist,
        max(artist) AS last_artist,
        max(is_compilation) OR max(album_artist = 'Various Artists')
            -- more than three artists make one, as in the original; guests beside them do not
            OR (
                min(artist) <> max(artist) AND (
                    SELECT count(DISTINCT a.artist_id) FROM tracks t
                    JOIN track_artists a ON a.track_id = t.id AND a.position = 0
                    WHERE t.release_id = tracks.release_id
                ) > 3
            )
            AS is_compilation
    FROM tracks
    WHERE release_id IN (SELECT id FROM temp.touched_releases)
    GROUP BY release_id
) s ON s.release_id = touched.id
WHERE releases.id = touched.id;

-- Until all files of the folder are known to be in the index.
DELETE FROM known_folders
WHERE path IN (SELECT folder FROM releases WHERE id IN (SELECT id FROM temp.touched_releases));

DELETE FROM releases WHERE track_count = 0 AND id IN (SELECT id FROM temp.touched_releases);

UPDATE artists SET
    track_count = coalesce(s.track_count, 0),
    release_count = coalesce(s.release_count, 0)
FROM temp.touched_artists touched
LEFT JOIN (
    SELECT a.artist_id, count(*) AS track_count, count(DISTINCT t.release_id) AS release_count
    FROM track_artists a
    JOIN tracks t ON t.id = a.track_id
    WHERE a.artist_id IN (SELECT id FROM temp.touched_artists)
    GROUP BY a.artist_id
) s ON s.artist_id = touched.id
WHERE artists.id = touched.id;

DELETE FROM artists WHERE track_count = 0 AND id IN (SELECT id FROM temp.touched_artists);

DELETE FROM temp.touched_releases;
DELETE FROM temp.touched_artists;
