-- Goods of earlier sales that a till is taking back, by the key that it had journalled; until its log says how it ended.
CREATE TABLE kept (
    request_key BLOB PRIMARY KEY CHECK (length(request_key) = 16),
    terminal    INTEGER NOT NULL, -- that asked
    epoch       INTEGER NOT NULL,
    of_terminal INTEGER NOT NULL, -- the sale
    of_epoch    INTEGER NOT NULL,
    of_seq      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_sale ON kept (of_terminal, of_epoch, of_seq);
-- line_no 0: the sale was not known here, and its own till takes back nobody knows what of it.
CREATE TABLE kept_line (
    request_key BLOB NOT NULL CHECK (length(request_key) = 16),
    line_no     INTEGER NOT NULL,
    qty_milli   INTEGER NOT NULL CHECK (qty_milli > 0),
    PRIMARY KEY (request_key, line_no)
) STRICT, WITHOUT ROWID;
-- What the tills' records say is back, by the till that took it.
CREATE TABLE returned (
    of_terminal INTEGER NOT NULL,
    of_epoch    INTEGER NOT NULL,
    of_seq      INTEGER NOT NULL,
    line_no     INTEGER NOT NULL,
    terminal    INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    qty_milli   INTEGER NOT NULL,
    PRIMARY KEY (of_terminal, of_epoch, of_seq, line_no, terminal, epoch)
) STRICT, WITHOUT ROWID;
