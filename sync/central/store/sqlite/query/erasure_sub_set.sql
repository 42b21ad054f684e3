UPDATE erasure SET sub = ?2 WHERE mark = ?1
