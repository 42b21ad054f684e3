INSERT INTO machine_told (terminal, epoch, rollout, release) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (terminal) DO UPDATE SET epoch = ?2, rollout = ?3, release = ?4
