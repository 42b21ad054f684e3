SELECT campaign, idx, generation, sale FROM recall WHERE log = ?1 AND version <= ?2 AND heard = 0
ORDER BY version, campaign, idx LIMIT 1
