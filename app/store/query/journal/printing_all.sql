SELECT seq, 1 AS state, sum FROM printing ORDER BY seq
