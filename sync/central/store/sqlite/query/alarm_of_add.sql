INSERT OR IGNORE INTO alarm (at_us, record, rc, text, kind, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
