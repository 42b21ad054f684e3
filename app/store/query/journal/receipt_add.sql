INSERT INTO receipt (seq, document, sum) VALUES (?1, ?2, ?3)
