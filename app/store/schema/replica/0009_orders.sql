-- replica.db, version 9: orders that the store hands out, as the entries that brought them (app/core/order.h).
CREATE TABLE shop_order (
    number INTEGER PRIMARY KEY,
    entry  BLOB NOT NULL -- ORDER or ORDER_GONE
) STRICT;
