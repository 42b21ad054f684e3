DELETE FROM printing WHERE seq = ?1
