SELECT version, digest FROM down_topic WHERE topic = ?1 AND scope = ?2
