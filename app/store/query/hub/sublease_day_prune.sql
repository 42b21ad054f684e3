DELETE FROM sublease_day WHERE hub_epoch < (SELECT hub_epoch FROM state)
