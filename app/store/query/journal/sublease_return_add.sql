INSERT INTO sublease_return (seq, hub_epoch) VALUES (?1, ?2)
