SELECT id FROM campaign ORDER BY id
