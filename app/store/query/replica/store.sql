SELECT entry FROM store WHERE only = 1
