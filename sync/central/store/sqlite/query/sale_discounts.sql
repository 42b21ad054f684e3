SELECT campaign, version, amount_minor FROM sale_discount WHERE sale = ?1 ORDER BY n
