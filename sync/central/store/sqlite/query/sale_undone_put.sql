INSERT INTO sale_undone (sale, points, rights) VALUES (?1, ?2, ?3)
ON CONFLICT (sale) DO UPDATE SET points = ?2, rights = ?3
