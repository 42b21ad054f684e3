INSERT INTO rollout (release, store, share_bp, at, minute, bytes_per_s, state, widened, why, begun_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0, '', ?7)
