SELECT seq FROM acknowledged WHERE epoch = ?1 AND day >= ?2
UNION ALL SELECT acknowledged_seq FROM sync_state WHERE EXISTS (SELECT 1 FROM acknowledged WHERE epoch = ?1)
ORDER BY 1 LIMIT 1
