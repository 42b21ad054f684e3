SELECT version, manifest FROM down_snapshot WHERE topic = ?1 AND scope = ?2
