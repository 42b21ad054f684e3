DELETE FROM alarm WHERE kind = ?1 AND cause = ?2
