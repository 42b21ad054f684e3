UPDATE batch SET content = CAST(zeroblob(4096) || ?2 AS BLOB) WHERE id = ?1
