SELECT seq, state, sum FROM printing ORDER BY seq
