INSERT INTO campaign (id, version, entry, claims_per_member, lease_per_terminal, range_per_terminal, stopped, next_index,
                      budget, free, outstanding, spent, stranded, over)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?7, 0, 0, 0, 0)
