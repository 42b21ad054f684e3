SELECT number, release, store, share_bp, at, minute, bytes_per_s, state, widened, why, begun_us FROM rollout ORDER BY number
