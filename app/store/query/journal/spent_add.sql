INSERT INTO spent (campaign, number, seq) VALUES (?1, ?2, ?3)
