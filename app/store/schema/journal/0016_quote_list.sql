-- journal.db, version 16: the quotations that were made here, to be listed.
CREATE INDEX record_quote ON record (seq) WHERE type = 20;
