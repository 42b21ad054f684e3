SELECT product, qty_milli, unit_price_minor, discount_minor, tax_bp FROM sale_line WHERE sale = ?1 ORDER BY line
