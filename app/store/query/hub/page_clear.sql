DELETE FROM page WHERE topic = ?1
