-- Accounts of which money lies at this terminal, and which are blocked.
CREATE TABLE value_block (
    account INTEGER PRIMARY KEY
) STRICT;
