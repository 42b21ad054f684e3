SELECT epoch, hub_epoch, seq, head, fenced FROM hub_sync
