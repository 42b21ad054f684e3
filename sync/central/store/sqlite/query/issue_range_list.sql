SELECT r.id, r.campaign, l.terminal, l.epoch, r.first, r.last, r.exp_s, r.issued, r.cose
FROM issue_range r JOIN log l ON l.id = r.log ORDER BY r.campaign, r.first
