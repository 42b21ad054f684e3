INSERT OR REPLACE INTO hub_sync (only, epoch, hub_epoch, seq, head, fenced) VALUES (1, ?1, ?2, ?3, ?4, ?5)
