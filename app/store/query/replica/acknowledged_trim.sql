DELETE FROM acknowledged WHERE epoch <> ?1 OR day < ?2 - 7
