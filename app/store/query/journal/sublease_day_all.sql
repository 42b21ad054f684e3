SELECT campaign, hub_epoch, day, spent FROM sublease_day ORDER BY campaign, hub_epoch, day
