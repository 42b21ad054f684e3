INSERT INTO open_return_day (store, day, currency, total_minor) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (store, day, currency) DO UPDATE SET total_minor = min(total_minor, 9000000000000000000) + excluded.total_minor
RETURNING total_minor
