-- What one scan knows, on its own connection; gone with it.

-- Problems that were found again, and may stay.
CREATE TEMP TABLE seen_problems (path TEXT PRIMARY KEY) WITHOUT ROWID;
-- Tracks that were not found again.
CREATE TEMP TABLE gone (track_id INTEGER PRIMARY KEY);
-- Whose sums change.
CREATE TEMP TABLE touched_releases (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_artists (id INTEGER PRIMARY KEY);
