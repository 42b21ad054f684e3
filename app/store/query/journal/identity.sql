SELECT terminal, epoch, store, sum FROM identity WHERE only = 1
