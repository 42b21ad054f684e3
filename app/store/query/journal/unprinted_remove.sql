DELETE FROM unprinted WHERE seq = ?1
