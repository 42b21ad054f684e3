INSERT INTO visit_given (record, campaign, member, nth, first, cost_minor, again) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
ON CONFLICT (record, campaign) DO UPDATE SET cost_minor = cost_minor + excluded.cost_minor
