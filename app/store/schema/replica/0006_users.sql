-- Users of the store's tills, as the entries that brought them (app/core/user.h).
CREATE TABLE user (
    user  INTEGER PRIMARY KEY,
    badge BLOB, -- the mark of it; NULL: none
    entry BLOB NOT NULL
) STRICT;
