SELECT seq, rc, text FROM result WHERE seq >= ?1 ORDER BY seq LIMIT ?2
