INSERT INTO identity (only, terminal, epoch, store, sum) VALUES (1, ?1, ?2, ?3, ?4)
