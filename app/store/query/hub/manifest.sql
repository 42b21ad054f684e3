SELECT version, content FROM manifest WHERE topic = ?1
