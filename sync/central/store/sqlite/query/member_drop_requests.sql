DELETE FROM request WHERE kind IN (1, 3) AND EXISTS (SELECT 1 FROM coupon c WHERE c.sub = ?1
    AND c.campaign = json_extract(CAST(response AS TEXT), '$.campaign') AND c.idx = json_extract(CAST(response AS TEXT), '$.index'))
