INSERT OR REPLACE INTO schema_version (only, version) VALUES (1, ?1)
