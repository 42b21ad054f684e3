SELECT kind, amount_minor, reference FROM sale_tender WHERE sale = ?1 ORDER BY n
