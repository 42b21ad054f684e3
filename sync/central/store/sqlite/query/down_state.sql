SELECT entry FROM (SELECT entry, MAX(version) AS newest FROM down_entry WHERE topic = ?1 AND scope = ?2 GROUP BY key)
ORDER BY newest
