INSERT INTO temp.code_queue (code, product) VALUES (?1, ?2)
