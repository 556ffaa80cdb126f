-- How often each file was played, by anybody: what is played most is made ready first.
CREATE TABLE track_plays (
    -- relative to MUSIC_ROOT
    path TEXT PRIMARY KEY,
    plays INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mixtape_tracks_by_path ON mixtape_tracks (path);
