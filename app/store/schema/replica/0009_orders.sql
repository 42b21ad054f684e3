-- Orders that the store hands out or is asked for, as the entries that brought them (app/core/order.h).
CREATE TABLE shop_order (
    number   INTEGER PRIMARY KEY,
    entry    BLOB NOT NULL, -- ORDER or ORDER_GONE
    terminal INTEGER,       -- the record that asked for it; NULL: none did
    epoch    INTEGER,
    seq      INTEGER
) STRICT;
CREATE INDEX shop_order_ref ON shop_order (terminal, epoch, seq) WHERE seq IS NOT NULL;
