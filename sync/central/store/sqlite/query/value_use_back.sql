UPDATE value_use SET asked_back = ?3, refunded = ?4 WHERE record = ?1 AND tender_no = ?2
