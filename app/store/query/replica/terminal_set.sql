INSERT OR REPLACE INTO terminal (terminal, epoch, fenced, sign_key) VALUES (?1, ?2, ?3, ?4)
