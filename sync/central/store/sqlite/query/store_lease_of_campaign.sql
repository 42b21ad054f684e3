SELECT h.store, h.epoch, h.state, a.granted, a.spent FROM store_lease a JOIN hub h ON h.id = a.hub WHERE a.campaign = ?1 ORDER BY h.id
