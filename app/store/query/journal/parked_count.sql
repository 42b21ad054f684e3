SELECT count(DISTINCT label) FROM parked
