DELETE FROM sublease WHERE hub_epoch < (SELECT hub_epoch FROM state)
