SELECT marks, seen_seq, sealed_seq, sum FROM forgetting WHERE only = 1
