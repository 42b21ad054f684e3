SELECT products FROM tally WHERE only = 1
