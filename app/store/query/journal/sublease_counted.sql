SELECT from_seq FROM sublease_counted WHERE only = 1
