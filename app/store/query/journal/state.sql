SELECT head_seq, head_hash, last_sale_no, last_z_no, last_z_seq FROM state WHERE only = 1
