-- What making and sharing need to know of a mixtape.
ALTER TABLE mixtapes ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- seconds since 1970-01-01 UTC; none while it is on the shelf
ALTER TABLE mixtapes ADD COLUMN deleted_at INTEGER;
-- sums over mixtape_tracks, the second in milliseconds
ALTER TABLE mixtapes ADD COLUMN track_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mixtapes ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
-- how many tracks were started on its pages
ALTER TABLE mixtapes ADD COLUMN plays INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mixtapes ADD COLUMN access TEXT NOT NULL DEFAULT 'public'
CHECK (access IN ('public', 'password', 'revoked'));
-- argon2id, of the listeners' password
ALTER TABLE mixtapes ADD COLUMN password TEXT;
ALTER TABLE mixtapes ADD COLUMN expires_at INTEGER;
ALTER TABLE mixtapes ADD COLUMN downloads INTEGER NOT NULL DEFAULT 0 CHECK (downloads IN (0, 1));

UPDATE mixtapes SET
    track_count = (SELECT count(*) FROM mixtape_tracks WHERE mixtape_id = id),
    total = (SELECT coalesce(sum(duration), 0) FROM mixtape_tracks WHERE mixtape_id = id);

CREATE INDEX mixtapes_by_created ON mixtapes (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX mixtapes_by_updated ON mixtapes (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX mixtapes_by_track_count ON mixtapes (track_count, id) WHERE deleted_at IS NULL;

-- Addresses that mixtapes had. No other tape gets them.
CREATE TABLE old_slugs (
    slug TEXT PRIMARY KEY,
    -- none where the mixtape is gone for good
    mixtape_id INTEGER REFERENCES mixtapes (id) ON DELETE SET NULL,
    -- whether it leads to the mixtape still
    leads_on INTEGER NOT NULL CHECK (leads_on IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX old_slugs_by_mixtape ON old_slugs (mixtape_id);

-- The words by which a mixtape is found, folded; apart from the mixtapes, whose notes make long rows.
CREATE TABLE mixtape_words (
    mixtape_id INTEGER PRIMARY KEY REFERENCES mixtapes (id) ON DELETE CASCADE,
    -- by which titles are sorted
    sort_title TEXT NOT NULL,
    -- of the mixtape itself
    own TEXT NOT NULL,
    -- of its tracks
    tracks TEXT NOT NULL
) STRICT;

CREATE INDEX mixtape_words_by_title ON mixtape_words (sort_title, mixtape_id);

-- Browsers that know the password of a mixtape.
CREATE TABLE listeners (
    -- SHA-256 of the token in the listener's cookie
    token_hash BLOB PRIMARY KEY,
    mixtape_id INTEGER NOT NULL REFERENCES mixtapes (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX listeners_by_mixtape ON listeners (mixtape_id);
