-- What goods without a receipt came to, by store and business day: all tills of a store together may give more than one may.
CREATE TABLE open_return_day (
    store INTEGER NOT NULL,
    day INTEGER NOT NULL,
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    PRIMARY KEY (store, day, currency)
) STRICT, WITHOUT ROWID;
