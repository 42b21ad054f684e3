INSERT INTO value_use (record, tender_no, account, kind, amount, points, over, asked_back, refunded)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0)
