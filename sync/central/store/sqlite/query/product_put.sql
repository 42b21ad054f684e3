INSERT INTO product (store, id, version, gone) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (store, id) DO UPDATE SET version = excluded.version, gone = excluded.gone
