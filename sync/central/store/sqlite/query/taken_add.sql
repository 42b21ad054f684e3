INSERT INTO taken (redemption, store, day, sub, hold_minor) VALUES (?1, ?2, ?3, ?4, ?5)
