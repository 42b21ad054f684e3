SELECT rollout, release FROM machine_told WHERE terminal = ?1 AND epoch = ?2
