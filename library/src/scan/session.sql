-- What one scan knows, on its own connection; gone with it. In memory, for not every container has a place for
-- temporary files: a dozen bytes for each track.
PRAGMA temp_store = MEMORY;
-- kibibytes
PRAGMA cache_size = -32000;

-- What was found again, and may stay.
CREATE TEMP TABLE seen (track_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE seen_problems (path TEXT PRIMARY KEY) WITHOUT ROWID;

-- The batch that is looked up, beside what is known of it.
CREATE TEMP TABLE found (
    place INTEGER PRIMARY KEY,
    path TEXT,
    size INTEGER,
    modified_ns INTEGER,
    inode INTEGER,
    track_id INTEGER,
    -- the row is of this state of the file
    is_same INTEGER,
    -- a problem is known with this state of the file
    is_known_problem INTEGER
);

-- The batch that is written.
CREATE TEMP TABLE files (
    -- known under another path
    moved_id INTEGER,
    path TEXT PRIMARY KEY,
    folder TEXT,
    size INTEGER,
    modified_ns INTEGER,
    inode INTEGER,
    -- as JSON; none where nothing could be read
    track TEXT,
    problem TEXT,
    -- the row may stay although nothing could be read
    is_kept INTEGER
);
CREATE TEMP TABLE gone (track_id INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_releases (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_artists (id INTEGER PRIMARY KEY);
