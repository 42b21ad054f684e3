SELECT store, number, at_us, expires_s, total_minor, member, used_by, used_as, used_us FROM quote WHERE id = ?1
