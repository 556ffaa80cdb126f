-- What the search reads beside the tables of schema.sql. Triggers keep it right, so that whoever fills those tables
-- need not know of it.

-- What each sign becomes in the index: its plain lower-case letters, nothing for an accent, '-' for punctuation and
-- ' ' for space. A sign that is not listed stands for itself. Filled by search/letters.rs, which folds queries alike.
CREATE TABLE letters (
    letter TEXT PRIMARY KEY,
    plain TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The numbers 1 to 300. Of longer names only the beginning is indexed.
CREATE TABLE places (n INTEGER PRIMARY KEY) STRICT;

INSERT INTO places
WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 300) SELECT n FROM series;

-- Names on their way into the index; empty between two statements.
CREATE TABLE folding (
    field TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    -- 1 where its words become known, -1 where they are given up, 0 where they are counted elsewhere
    uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- "words": every spelling somebody may type, so that AC/DC is found as "ac dc" and "acdc", and P!nk as "pink".
-- "whole": the entire name as one word behind a '=', which no other word has; once more without its article.
CREATE VIEW folded AS
SELECT
    field,
    replace(marked, '-', ' ')
        || CASE WHEN instr(marked, '-') THEN ' ' || replace(marked, '-', '') ELSE '' END
        || CASE WHEN read_aloud <> '' THEN ' ' || read_aloud ELSE '' END AS words,
    CASE
        WHEN trim(marked, '- ') = '' THEN '=' || lower(hex(trim(source)))
        ELSE '=' || replace(replace(marked, '-', ''), ' ', '')
            || CASE
                WHEN marked GLOB 'the ?*' THEN ' =' || replace(replace(substr(marked, 5), '-', ''), ' ', '')
                ELSE ''
            END
            || CASE WHEN read_aloud <> '' THEN ' =' || replace(read_aloud, ' ', '') ELSE '' END
    END AS whole
FROM (
    SELECT
        field,
        source,
        CASE
            WHEN source NOT GLOB '*[^a-zA-Z0-9 ]*' THEN lower(substr(source, 1, 300))
            ELSE (
                SELECT replace(group_concat(coalesce(plain, substr(source, n, 1)), '' ORDER BY n), ' - ', ' ')
                FROM places LEFT JOIN letters ON letter = substr(source, n, 1)
                WHERE n <= length(source)
            )
        END AS marked,
        CASE
            WHEN source GLOB '*[!$][a-zA-Z]*' THEN lower(replace(replace(substr(source, 1, 300), '!', 'i'), '$', 's'))
            ELSE ''
        END AS read_aloud
    FROM folding
);

-- All distinct words, and in how many names each is; for the inside of words and for typing errors.
CREATE TABLE words (
    word TEXT PRIMARY KEY,
    uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The ends of every word: what is inside a word is at the beginning of one of them.
CREATE TABLE word_endings (
    ending TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (ending, word)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER words_known AFTER INSERT ON words BEGIN
    INSERT INTO word_endings
    SELECT substr(new.word, n), new.word FROM places WHERE n BETWEEN 2 AND length(new.word) - 1;
END;

CREATE TRIGGER words_given_up AFTER UPDATE OF uses ON words WHEN new.uses <= 0 BEGIN
    DELETE FROM words WHERE word = new.word;
    DELETE FROM word_endings
    WHERE (ending, word) IN (
        SELECT substr(old.word, n), old.word FROM places WHERE n BETWEEN 2 AND length(old.word) - 1
    );
END;

CREATE TRIGGER words_of_names AFTER INSERT ON folding WHEN new.uses <> 0 BEGIN
    INSERT INTO words (word, uses)
    SELECT DISTINCT value, new.uses
    FROM folded, json_each('[' || replace(json_quote(words), ' ', '","') || ']')
    WHERE field = new.field AND length(value) BETWEEN 2 AND 40
    ON CONFLICT (word) DO UPDATE SET uses = uses + excluded.uses;
END;

-- The rowids carry the order of the hits, for sorting them would mean reading them all: above the 40 bits of the id
-- stand, for artists, how few tracks they have, and for the others the length of the title.
CREATE VIRTUAL TABLE find_artists USING fts5 (
    name, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5', tokenize = "ascii tokenchars '='"
);

CREATE VIRTUAL TABLE find_releases USING fts5 (
    title, artist, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5', tokenize = "ascii tokenchars '='"
);

CREATE VIRTUAL TABLE find_tracks USING fts5 (
    title, artist, album, whole, content = '', contentless_delete = 1, prefix = '1 2 3 4 5',
    tokenize = "ascii tokenchars '='"
);

CREATE TRIGGER artists_found AFTER INSERT ON artists BEGIN
    INSERT INTO folding VALUES ('name', new.name, 1);
    INSERT INTO find_artists (rowid, name, whole)
    SELECT ((1048575 - new.track_count) << 40 | new.id), words, whole FROM folded;
    DELETE FROM folding;
END;

CREATE TRIGGER artists_lost AFTER DELETE ON artists BEGIN
    DELETE FROM find_artists WHERE rowid = ((1048575 - old.track_count) << 40 | old.id);
    INSERT INTO folding VALUES ('name', old.name, -1);
    DELETE FROM folding;
END;

CREATE TRIGGER artists_changed AFTER UPDATE OF id, name, track_count ON artists
WHEN (old.id, old.name, old.track_count) <> (new.id, new.name, new.track_count)
BEGIN
    DELETE FROM find_artists WHERE rowid = ((1048575 - old.track_count) << 40 | old.id);
    INSERT INTO folding VALUES ('name', new.name, 1), ('old name', old.name, -1);
    INSERT INTO find_artists (rowid, name, whole)
    SELECT ((1048575 - new.track_count) << 40 | new.id), words, whole FROM folded WHERE field = 'name';
    DELETE FROM folding;
END;

CREATE TRIGGER releases_found AFTER INSERT ON releases BEGIN
    INSERT INTO folding VALUES ('title', new.title, 1), ('artist', new.artist, 1);
    INSERT INTO find_releases (rowid, title, artist, whole)
    SELECT (min(length(new.title), 255) << 40 | new.id), title.words, artist.words, title.whole
    FROM folded AS title, folded AS artist WHERE title.field = 'title' AND artist.field = 'artist';
    DELETE FROM folding;
END;

CREATE TRIGGER releases_lost AFTER DELETE ON releases BEGIN
    DELETE FROM find_releases WHERE rowid = (min(length(old.title), 255) << 40 | old.id);
    INSERT INTO folding VALUES ('title', old.title, -1), ('artist', old.artist, -1);
    DELETE FROM folding;
END;

CREATE TRIGGER releases_changed AFTER UPDATE OF id, title, artist ON releases
WHEN (old.id, old.title, old.artist) <> (new.id, new.title, new.artist)
BEGIN
    DELETE FROM find_releases WHERE rowid = (min(length(old.title), 255) << 40 | old.id);
    INSERT INTO folding VALUES ('title', new.title, 1), ('artist', new.artist, 1);
    INSERT INTO folding VALUES ('old title', old.title, -1), ('old artist', old.artist, -1);
    INSERT INTO find_releases (rowid, title, artist, whole)
    SELECT (min(length(new.title), 255) << 40 | new.id), title.words, artist.words, title.whole
    FROM folded AS title, folded AS artist WHERE title.field = 'title' AND artist.field = 'artist';
    DELETE FROM folding;
END;

CREATE TRIGGER tracks_found AFTER INSERT ON tracks BEGIN
    INSERT INTO folding VALUES ('title', new.title, 1), ('artist', new.artist, 0), ('album', new.album, 0);
    INSERT INTO find_tracks (rowid, title, artist, album, whole)
    SELECT (min(length(new.title), 255) << 40 | new.id), title.words, artist.words, album.words, title.whole
    FROM folded AS title, folded AS artist, folded AS album
    WHERE title.field = 'title' AND artist.field = 'artist' AND album.field = 'album';
    DELETE FROM folding;
END;

CREATE TRIGGER tracks_lost AFTER DELETE ON tracks BEGIN
    DELETE FROM find_tracks WHERE rowid = (min(length(old.title), 255) << 40 | old.id);
    INSERT INTO folding VALUES ('title', old.title, -1);
    DELETE FROM folding;
END;

CREATE TRIGGER tracks_changed AFTER UPDATE OF id, title, artist, album ON tracks
WHEN (old.id, old.title, old.artist, old.album) <> (new.id, new.title, new.artist, new.album)
BEGIN
    DELETE FROM find_tracks WHERE rowid = (min(length(old.title), 255) << 40 | old.id);
    INSERT INTO folding VALUES ('title', new.title, 1), ('artist', new.artist, 0), ('album', new.album, 0);
    INSERT INTO folding VALUES ('old title', old.title, -1);
    INSERT INTO find_tracks (rowid, title, artist, album, whole)
    SELECT (min(length(new.title), 255) << 40 | new.id), title.words, artist.words, album.words, title.whole
    FROM folded AS title, folded AS artist, folded AS album
    WHERE title.field = 'title' AND artist.field = 'artist' AND album.field = 'album';
    DELETE FROM folding;
END;
