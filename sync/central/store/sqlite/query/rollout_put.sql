UPDATE rollout SET share_bp = ?2, state = ?3, widened = ?4, why = ?5 WHERE number = ?1
