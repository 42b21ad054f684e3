INSERT INTO hub (only, epoch, entry) VALUES (1, ?1, ?2)
ON CONFLICT (only) DO UPDATE SET epoch = excluded.epoch, entry = excluded.entry WHERE excluded.epoch >= epoch
