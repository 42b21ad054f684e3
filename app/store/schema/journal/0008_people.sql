-- Who is logged in, and who mistyped a PIN how often since: by the number of the USER record that says so (app/core/user.h).
CREATE TABLE session (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq  INTEGER NOT NULL
) STRICT;
CREATE TABLE wrong_pin (
    user  INTEGER PRIMARY KEY,
    count INTEGER NOT NULL, -- in a row
    seq   INTEGER NOT NULL  -- of the last one
) STRICT;
