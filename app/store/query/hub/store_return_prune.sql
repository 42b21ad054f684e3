DELETE FROM store_return WHERE hub_epoch < (SELECT hub_epoch FROM state)
