DELETE FROM store_lease WHERE hub_epoch < (SELECT hub_epoch FROM state)
