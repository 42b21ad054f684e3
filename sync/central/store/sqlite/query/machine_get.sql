SELECT epoch, version, hardware, schema, release, progress, rc FROM machine WHERE terminal = ?1
