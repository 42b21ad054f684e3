INSERT INTO sale (id, sale_no, business_day, at_us, cashier, member, n_lines, gross_minor, discount_minor, tax_minor,
                  total_minor, change_minor, points, heard_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
