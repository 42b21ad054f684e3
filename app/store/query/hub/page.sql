SELECT after, content FROM page WHERE topic = ?1 AND version = ?2 AND previous = ?3
