-- Mixtapes, settings and sessions: what cannot be made again from the music folder.
CREATE TABLE mixtapes (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    client_id TEXT UNIQUE,
    title TEXT NOT NULL CHECK (title <> ''),
    creator_name TEXT NOT NULL DEFAULT '',
    liner_notes TEXT NOT NULL DEFAULT '',
    -- file name below DATA_ROOT/covers
    cover TEXT,
    gift_flow_enabled INTEGER NOT NULL DEFAULT 0 CHECK (gift_flow_enabled IN (0, 1)),
    unwrap_style TEXT NOT NULL DEFAULT 'playful' CHECK (unwrap_style IN ('playful', 'elegant')),
    show_tracklist INTEGER NOT NULL DEFAULT 1 CHECK (show_tracklist IN (0, 1)),
    -- seconds since 1970-01-01 UTC
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE mixtape_tracks (
    mixtape_id INTEGER NOT NULL REFERENCES mixtapes (id) ON DELETE CASCADE,
    -- from 0
    position INTEGER NOT NULL,
    -- relative to MUSIC_ROOT
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    -- milliseconds
    duration INTEGER,
    PRIMARY KEY (mixtape_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    -- SHA-256 of the token in the owner's cookie
    token_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
