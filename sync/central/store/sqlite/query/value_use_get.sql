SELECT account, kind, amount, points, over, asked_back, refunded FROM value_use WHERE record = ?1 AND tender_no = ?2
