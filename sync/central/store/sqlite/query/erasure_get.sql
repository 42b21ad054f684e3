SELECT version FROM erasure WHERE mark = ?1
