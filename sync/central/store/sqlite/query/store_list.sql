SELECT id, entry FROM store ORDER BY id
