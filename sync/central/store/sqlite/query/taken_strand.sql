UPDATE taken SET stranded = 1 WHERE stranded = 0 AND redemption IN
    (SELECT r.id FROM redemption r JOIN till_request q ON q.key = r.request_key WHERE r.id = taken.redemption AND q.log = ?1)
