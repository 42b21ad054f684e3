INSERT INTO alarm (at_us, record, rc, text) VALUES (?1, ?2, ?3, ?4)
