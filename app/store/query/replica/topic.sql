SELECT version, digest FROM topic WHERE topic = ?1
