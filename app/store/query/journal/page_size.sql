PRAGMA page_size = 1024
