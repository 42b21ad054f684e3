-- Why goods came back, as the till says; a return without a row did not say it.
CREATE TABLE return_reason (
    id INTEGER PRIMARY KEY, -- the return's record
    reason TEXT NOT NULL
) STRICT;
