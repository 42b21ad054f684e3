SELECT id FROM campaign WHERE stopped = 0 ORDER BY id
