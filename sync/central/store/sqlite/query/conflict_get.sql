SELECT c.state, COALESCE(c.record, u.record) FROM conflict c LEFT JOIN redemption u ON u.id = c.redemption WHERE c.id = ?1
