-- What of gift cards and store credit lies at this terminal alone (app/core/down.h).
CREATE TABLE home_value (
    account       INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    granted_minor INTEGER NOT NULL,
    keep_minor    INTEGER NOT NULL,
    exp_s         INTEGER NOT NULL,
    PRIMARY KEY (account, epoch)
) STRICT;
