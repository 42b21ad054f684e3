UPDATE log SET incarnation = MAX(incarnation, ?2), started = MAX(started, ?3) WHERE id = ?1
