SELECT fenced, sign_key FROM terminal WHERE terminal = ?1 AND epoch = ?2
