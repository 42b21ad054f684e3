INSERT INTO shop_order (number, kind, state, store, home, body, member, at_us, reference, online_only, terminal, recall_to,
                        recall_version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (number) DO UPDATE SET kind = ?2, state = ?3, store = ?4, home = ?5, body = ?6, member = ?7, online_only = ?10,
                                   terminal = ?11, recall_to = ?12, recall_version = ?13
