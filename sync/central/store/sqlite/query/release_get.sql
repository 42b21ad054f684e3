SELECT number, version, hardware, size, hash, schema, readable_from, made_us FROM release WHERE number = ?1
