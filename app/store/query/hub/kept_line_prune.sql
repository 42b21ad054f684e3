DELETE FROM kept_line WHERE NOT EXISTS (SELECT 1 FROM kept AS k WHERE k.request_key = kept_line.request_key)
