SELECT (SELECT count(*) FROM sale WHERE member = ?1) + (SELECT count(*) FROM quote WHERE member = ?1)
