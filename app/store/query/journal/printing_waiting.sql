SELECT seq FROM printing ORDER BY seq LIMIT 1
