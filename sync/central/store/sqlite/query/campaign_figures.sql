UPDATE campaign SET next_index = ?2, free = ?3, outstanding = ?4, spent = ?5, stranded = ?6, over = ?7, wanted = ?8,
    charged = ?9
WHERE id = ?1
