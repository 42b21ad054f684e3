INSERT INTO down_time (id, at_us) SELECT MAX(id), ?1 FROM down_entry WHERE true
ON CONFLICT (id) DO NOTHING
