SELECT id, sub, points, released FROM voucher WHERE campaign = ?1 AND idx = ?2
