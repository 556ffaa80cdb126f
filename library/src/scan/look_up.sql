-- What is known of the files in temp.found, which are not read again when they are in the state that was read.
INSERT OR IGNORE INTO temp.seen SELECT track_id FROM temp.found WHERE is_same;
-- A file whose names come from its path for its tags are broken is a track and a problem.
INSERT OR IGNORE INTO temp.seen_problems SELECT path FROM temp.found WHERE is_known_problem;
