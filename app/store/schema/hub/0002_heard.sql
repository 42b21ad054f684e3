-- The assignments under which this terminal has heard the centre to the end since it knew of them.
CREATE TABLE heard (
    hub_epoch INTEGER PRIMARY KEY
) STRICT;
