-- A new mixtape is private until its owner shares it; those that are here stay as they are.
ALTER TABLE mixtapes ADD COLUMN shared_with TEXT NOT NULL DEFAULT 'private'
CHECK (shared_with IN ('private', 'public', 'password'));
UPDATE mixtapes SET shared_with = CASE access WHEN 'revoked' THEN 'private' ELSE access END;
ALTER TABLE mixtapes DROP COLUMN access;
ALTER TABLE mixtapes RENAME COLUMN shared_with TO access;
-- One more each time the link or the password is taken back; signed addresses of media hold for one of them.
ALTER TABLE mixtapes ADD COLUMN link_generation INTEGER NOT NULL DEFAULT 1;
