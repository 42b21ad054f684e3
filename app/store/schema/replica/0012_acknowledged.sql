-- replica.db, version 12: how far this terminal's log was acknowledged when a day began, as the centre dates days: noted with the
-- first acknowledgement of that day. A card of that day knows of the purchases up to there.
CREATE TABLE acknowledged (
    epoch INTEGER NOT NULL,
    day   INTEGER NOT NULL, -- since 1970-01-01
    seq   INTEGER NOT NULL,
    PRIMARY KEY (epoch, day)
) STRICT, WITHOUT ROWID;
