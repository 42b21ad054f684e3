-- Orders that stores hand out (app/core/order.h, sync/central/order_book.h).
CREATE TABLE shop_order_number (number INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL) STRICT;
CREATE TABLE shop_order (
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,           -- 1: paid online, picked up
    state INTEGER NOT NULL,          -- enum cf_order_state
    store INTEGER NOT NULL,
    home INTEGER NOT NULL,           -- a terminal, the store, or 0: the centre
    body BLOB NOT NULL,              -- what may still be handed out, as cf_order_encode has it
    member INTEGER,
    at_us INTEGER NOT NULL,
    reference TEXT NOT NULL,         -- the shop's own name for it
    online_only INTEGER NOT NULL,
    terminal INTEGER NOT NULL,       -- asked for as its home; 0: any
    recall_to INTEGER NOT NULL,      -- of one that is recalled: the store that it goes to; 0: cancelled
    recall_version INTEGER NOT NULL  -- number in the downward log of what tells its home
) STRICT;
CREATE INDEX shop_order_store ON shop_order (store, state);
CREATE INDEX shop_order_member ON shop_order (member) WHERE member IS NOT NULL;
-- What tills told of. conflict 1: it had been handed out, or moved away, before.
CREATE TABLE shop_order_taken (
    record INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body BLOB NOT NULL,              -- as cf_pick_up_encode has it
    at_us INTEGER NOT NULL,
    conflict INTEGER NOT NULL
) STRICT;
CREATE INDEX shop_order_taken_number ON shop_order_taken (number, generation);
CREATE UNIQUE INDEX shop_order_taken_once ON shop_order_taken (number, generation) WHERE conflict = 0;
-- What the centre told tills yes to, by the key that they had journalled. state: 1 open, 2 undone, 3 handed out.
CREATE TABLE shop_order_claim (
    key BLOB NOT NULL PRIMARY KEY,
    log INTEGER NOT NULL,
    number INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shop_order_claim_open ON shop_order_claim (number, generation) WHERE state = 1;
