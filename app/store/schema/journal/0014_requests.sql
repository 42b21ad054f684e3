-- journal.db, version 14: goods that were asked for at this till, to be found until the centre has said what became of it.
CREATE INDEX record_order ON record (seq) WHERE type = 15;
