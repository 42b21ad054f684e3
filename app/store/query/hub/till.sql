SELECT seq, head, acknowledged, forked FROM till WHERE terminal = ?1 AND epoch = ?2
