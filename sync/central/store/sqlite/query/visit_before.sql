SELECT l.terminal, l.epoch, b.id FROM visit_given v JOIN sale s ON s.id = v.record
JOIN sale b ON b.member = v.member AND b.gone = 0 AND (b.at_us, b.id) < (s.at_us, s.id) JOIN log l ON l.id = b.id >> 40
WHERE v.record = ?1 AND v.campaign = ?2
    AND (v.first = 1 OR EXISTS (SELECT 1 FROM visit_given w WHERE w.record = b.id AND w.campaign = v.campaign AND w.nth = v.nth))
ORDER BY b.at_us, b.id LIMIT 1
