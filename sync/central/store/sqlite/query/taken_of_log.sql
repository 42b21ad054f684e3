SELECT r.campaign, t.hold_minor FROM taken t JOIN redemption r ON r.id = t.redemption JOIN till_request q ON q.key = r.request_key
WHERE t.hold_minor > 0 AND t.stranded = 0 AND q.log = ?1 ORDER BY t.redemption
