PRAGMA cache_size = -4096
