SELECT granted, spent, returned, keep, own FROM value_home WHERE account = ?1 AND log = ?2
