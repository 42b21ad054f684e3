PRAGMA cache_size = -8192;
PRAGMA temp_store = FILE;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = 4194304
