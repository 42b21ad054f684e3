DELETE FROM claim_count WHERE sub = ?1
