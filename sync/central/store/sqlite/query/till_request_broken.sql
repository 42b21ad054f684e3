SELECT COUNT(*) FROM till_request q LEFT JOIN redemption r ON r.id = q.redemption
WHERE (q.state = 1 AND (r.id IS NULL OR r.source = 0 OR r.record IS NOT NULL)) OR (q.state = 2 AND q.redemption IS NOT NULL)
