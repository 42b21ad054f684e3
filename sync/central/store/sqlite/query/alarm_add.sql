INSERT INTO alarm (at_us, record, rc, text)
SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM alarm WHERE record = ?2 AND rc = ?3 AND text = ?4)
