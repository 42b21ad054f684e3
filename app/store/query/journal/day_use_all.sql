SELECT campaign, day, spent FROM day_use ORDER BY campaign, day
