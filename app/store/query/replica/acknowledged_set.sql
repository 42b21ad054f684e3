INSERT INTO acknowledged (epoch, day, seq) VALUES (?1, ?2, ?3) ON CONFLICT (epoch, day) DO NOTHING
