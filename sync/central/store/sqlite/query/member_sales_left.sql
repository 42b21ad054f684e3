SELECT count(*) FROM sale WHERE member = ?1
