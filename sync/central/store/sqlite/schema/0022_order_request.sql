-- Goods that a store had not and asked for (app/core/order_request.h, sync/central/order_requests.h): what became of it
-- until it is an order that may be fetched, and for whom it is, until that is over.
CREATE TABLE order_request (
    number INTEGER PRIMARY KEY,      -- of its shop_order
    record INTEGER NOT NULL UNIQUE,  -- that asked
    terminal INTEGER NOT NULL,       -- the same, as tills name it
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    asking INTEGER NOT NULL,         -- a store
    asked INTEGER NOT NULL,          -- a store, or 0: the brand's shop
    state INTEGER NOT NULL,          -- enum cf_request_state
    is_member INTEGER NOT NULL,
    who INTEGER,                     -- by which whoever wants it is forgotten; NULL: nobody any more
    name TEXT NOT NULL,
    reach TEXT NOT NULL,
    reason TEXT NOT NULL,            -- why it was refused
    at_us INTEGER NOT NULL           -- when the centre heard
) STRICT;
CREATE INDEX order_request_asking ON order_request (asking, state);
CREATE INDEX order_request_who ON order_request (who) WHERE who IS NOT NULL;
