INSERT INTO sale_tender (sale, n, kind, amount_minor, reference) VALUES (?1, ?2, ?3, ?4, ?5)
