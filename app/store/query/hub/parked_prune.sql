-- A sale that waits is not forgotten.
DELETE FROM parked WHERE state <> 1 AND at_us < ?1
