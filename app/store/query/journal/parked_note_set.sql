INSERT OR REPLACE INTO parked_note (label, body, sum) VALUES (?1, ?2, ?3)
