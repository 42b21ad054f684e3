SELECT id, name, store FROM channel ORDER BY id
