SELECT store, terminal, epoch, hub_epoch, incarnation, seq, head, fenced, why FROM state
