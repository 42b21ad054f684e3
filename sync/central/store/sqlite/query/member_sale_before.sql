SELECT EXISTS (SELECT 1 FROM sale WHERE member = ?1 AND at_us < ?2 AND id <> ?3 AND heard_us < ?4)
