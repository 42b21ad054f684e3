INSERT INTO sale_line (sale, line, product, qty_milli, unit_price_minor, discount_minor, tax_bp)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
