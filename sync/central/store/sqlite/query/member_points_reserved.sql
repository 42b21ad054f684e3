SELECT COALESCE(SUM(v.points), 0) FROM voucher v JOIN coupon c ON c.campaign = v.campaign AND c.idx = v.idx
WHERE v.sub = ?1 AND v.released IS NULL AND c.state <> 2
