INSERT INTO wrong_pin (user, count, seq) VALUES (?1, 1, ?2)
ON CONFLICT (user) DO UPDATE SET count = count + 1, seq = excluded.seq
