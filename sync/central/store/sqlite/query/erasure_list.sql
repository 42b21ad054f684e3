SELECT e.at_us, d.id, e.sub IS NULL,
    (SELECT count(*) FROM log l WHERE l.state = 1),
    (SELECT count(*) FROM log l WHERE l.state = 1 AND l.cursor < d.id),
    (SELECT l.terminal FROM log l WHERE l.state = 1 AND l.cursor < d.id ORDER BY l.cursor, l.terminal LIMIT 1),
    (SELECT l.contact_us FROM log l WHERE l.state = 1 AND l.cursor < d.id ORDER BY l.cursor, l.terminal LIMIT 1)
FROM erasure e JOIN down_entry d ON d.topic = 8 AND d.scope = 0 AND d.version = e.version
ORDER BY e.version DESC LIMIT 1000
