UPDATE log SET seq = ?2, head = ?3, reported_seq = MAX(reported_seq, ?4), contact_us = ?5, cursor = MAX(cursor, ?6)
WHERE id = ?1
