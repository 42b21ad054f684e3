-- A share that was cut is not below what was lent before.
INSERT INTO store_day (hub_epoch, campaign, day, share, lent) VALUES (?1, ?2, ?3, ?4, 0)
ON CONFLICT (hub_epoch, campaign, day) DO UPDATE SET share = max(lent, excluded.share)
