SELECT c.id, c.campaign, c.idx, c.at_us, a.place, a.at_us, a.record, b.place, b.at_us, b.record
FROM conflict c JOIN redemption a ON a.id = c.first_redemption JOIN redemption b ON b.id = c.second_redemption
WHERE c.id > ?1 ORDER BY c.id LIMIT 1000
