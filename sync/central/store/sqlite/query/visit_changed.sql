SELECT record, campaign, now FROM (
    SELECT v.record, v.campaign, v.again, s.gone = 0 AND (
        EXISTS (SELECT 1 FROM sale b WHERE b.member = v.member AND b.gone = 0 AND (b.at_us, b.id) < (s.at_us, s.id)
            AND (v.first = 1 OR EXISTS (
                SELECT 1 FROM visit_given w WHERE w.record = b.id AND w.campaign = v.campaign AND w.nth = v.nth)))
        OR (v.first = 1 AND EXISTS (
            SELECT 1 FROM shop_order o WHERE o.member = v.member AND o.kind = 1 AND o.state NOT IN (6, 7)
                AND o.at_us < s.at_us
            UNION ALL SELECT 1 FROM basket k WHERE k.member = v.member AND k.ordered = 0 AND k.at_us < s.at_us))) AS now
    FROM visit_given v JOIN sale s ON s.id = v.record WHERE v.member = ?1)
WHERE now <> again ORDER BY record, campaign
