-- What releases and artists say of their tracks, for those in temp.touched_releases and temp.touched_artists.
UPDATE releases SET
    track_count = coalesce(s.track_count, 0),
    is_compilation = coalesce(s.is_compilation, 0),
    title = coalesce(
        (
            SELECT album FROM tracks t WHERE t.release_id = releases.id AND album <> ''
            GROUP BY album ORDER BY count(*) DESC, album LIMIT 1
        ),
        folder
    ),
    year = (
        SELECT year FROM tracks t WHERE t.release_id = releases.id AND year IS NOT NULL
        GROUP BY year ORDER BY count(*) DESC, year LIMIT 1
    ),
    artist = CASE
        WHEN s.album_artists = 1 AND s.album_artist <> '' THEN s.album_artist
        WHEN s.is_compilation THEN 'Various Artists'
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
        t.release_id,
        count(*) AS track_count,
        count(DISTINCT t.album_artist) AS album_artists,
        min(t.album_artist) AS album_artist,
        -- more than three artists make one, as in the original; guests beside them do not
        max(t.is_compilation) OR max(t.album_artist = 'Various Artists') OR count(DISTINCT a.artist_id) > 3
            AS is_compilation
    FROM tracks t
    LEFT JOIN track_artists a ON a.track_id = t.id AND a.position = 0
    WHERE t.release_id IN (SELECT id FROM temp.touched_releases)
    GROUP BY t.release_id
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
