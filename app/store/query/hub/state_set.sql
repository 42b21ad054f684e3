INSERT OR REPLACE INTO state (only, store, terminal, epoch, hub_epoch, incarnation, seq, head, fenced, why)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
