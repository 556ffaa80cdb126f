-- Browsers in which the owner has signed in before: they may try the password when others have to wait.
CREATE TABLE known_browsers (
    -- SHA-256 of the token in the browser's cookie
    token_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
