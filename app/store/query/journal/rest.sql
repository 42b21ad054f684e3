UPDATE rest SET flip = 1 - flip WHERE only = 1
