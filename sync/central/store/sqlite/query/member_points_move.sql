UPDATE member SET points = points + ?2 WHERE sub = ?1 AND (?3 <> 0 OR points + ?2 >= 0)
