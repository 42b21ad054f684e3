SELECT member, COUNT(*), MIN(id) AS oldest FROM conflict WHERE member IS NOT NULL
GROUP BY member HAVING oldest > ?1 ORDER BY oldest LIMIT 1000
