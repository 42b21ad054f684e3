SELECT version FROM schema_version WHERE only = 1
