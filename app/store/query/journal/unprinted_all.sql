SELECT seq, state, sum FROM unprinted ORDER BY seq
