SELECT count(*) FROM parked WHERE state = 1
