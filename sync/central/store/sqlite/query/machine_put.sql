INSERT INTO machine (terminal, epoch, heard_us, version, hardware, schema, release, progress, rc, report)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (terminal) DO UPDATE SET epoch = ?2, heard_us = ?3, version = ?4, hardware = ?5, schema = ?6, release = ?7, progress = ?8, rc = ?9, report = ?10
