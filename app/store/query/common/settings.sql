PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 0;
PRAGMA secure_delete = OFF;
PRAGMA cell_size_check = ON;
PRAGMA wal_autocheckpoint = 0;
