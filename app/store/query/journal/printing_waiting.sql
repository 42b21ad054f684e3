SELECT seq FROM printing WHERE state = 1 ORDER BY seq LIMIT 1
