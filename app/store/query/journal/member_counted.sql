SELECT from_seq FROM member_counted WHERE only = 1
