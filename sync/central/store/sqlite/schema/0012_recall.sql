-- Goods of a sale are back at another till than the home of the pinned coupon that the sale used. The home may take the
-- same goods back while it is cut off, and honour the coupon again: so the use stands until its log shows that it had
-- heard that this generation is over.
CREATE TABLE recall (
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    log INTEGER NOT NULL,     -- of the home
    sale INTEGER NOT NULL,    -- its record
    version INTEGER NOT NULL, -- number in the downward log of what tells the home
    heard INTEGER NOT NULL,
    PRIMARY KEY (campaign, idx, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX recall_log ON recall (log, version) WHERE heard = 0;
