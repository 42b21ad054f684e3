SELECT id, sale_no, business_day, at_us, cashier, member, n_lines, gross_minor, discount_minor, tax_minor, total_minor,
       change_minor, points
FROM sale WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT ?3
