UPDATE quote SET used_by = ?2, used_as = ?3, used_us = ?4 WHERE id = ?1 AND used_by = 0 AND used_as = ''
