SELECT t.id, t.store, t.label, t.epoch, m.heard_us, m.version, m.hardware, m.schema, m.release, m.progress, m.rc, m.report, d.release
FROM terminal t LEFT JOIN machine m ON m.terminal = t.id AND m.epoch = t.epoch
LEFT JOIN machine_told d ON d.terminal = t.id AND d.epoch = t.epoch
WHERE ?1 = 0 OR t.store = ?1
ORDER BY t.id
