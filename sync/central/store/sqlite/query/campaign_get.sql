SELECT version, entry, claims_per_member, lease_per_terminal, range_per_terminal, next_index, budget, free, outstanding,
       spent, stranded, over, wanted, charged
FROM campaign WHERE id = ?1
