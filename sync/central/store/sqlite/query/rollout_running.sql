SELECT number, release, store, share_bp, at, minute, bytes_per_s, state, widened, why, begun_us FROM rollout WHERE state = 1 ORDER BY number
