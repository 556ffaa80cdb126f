-- Removes the tracks in temp.gone.
INSERT OR IGNORE INTO temp.touched_releases
SELECT t.release_id FROM temp.gone g JOIN tracks t ON t.id = g.track_id;

INSERT OR IGNORE INTO temp.touched_artists
SELECT a.artist_id FROM temp.gone g JOIN track_artists a ON a.track_id = g.track_id;

DELETE FROM tracks WHERE id IN (SELECT track_id FROM temp.gone);

DELETE FROM temp.gone;
