INSERT OR REPLACE INTO page (topic, version, previous, after, content) VALUES (?1, ?2, ?3, ?4, ?5)
