SELECT campaign, hub_epoch, spent FROM sublease_use ORDER BY campaign, hub_epoch
