SELECT c.second_redemption FROM conflict c JOIN redemption r ON r.id = c.second_redemption
WHERE c.first_redemption = ?1 AND r.source > 0 ORDER BY c.id LIMIT 1
