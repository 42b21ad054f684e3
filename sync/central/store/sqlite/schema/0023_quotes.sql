-- Quotations that tills made (app/core/quote.h, sync/central/quote.h): each good for one sale.
CREATE TABLE quote (
    id INTEGER PRIMARY KEY,                  -- its record
    store INTEGER NOT NULL,
    number INTEGER NOT NULL,                 -- at its till, in the row of sales
    at_us INTEGER NOT NULL,
    expires_s INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    member INTEGER,                          -- NULL: nobody's, or forgotten
    used_by INTEGER NOT NULL DEFAULT 0,      -- the record of the sale under it; 0: none
    used_as TEXT NOT NULL DEFAULT '',        -- the online shop's own name for what it sold under it; '': nothing
    used_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX quote_store ON quote (store, id);
CREATE INDEX quote_member ON quote (member) WHERE member IS NOT NULL;
