UPDATE member SET tier = ?2 WHERE sub = ?1
