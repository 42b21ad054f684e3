SELECT cose FROM keyset WHERE only = 1
