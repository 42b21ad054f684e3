SELECT * FROM (
    SELECT a.id, a.issued + a.over AS sum, a.balance + a.homed + a.held + a.spent AS parts, a.homed,
        (SELECT COALESCE(SUM(granted - spent - returned), 0) FROM value_home WHERE account = a.id) AS at_homes, a.held,
        (SELECT COALESCE(SUM(amount), 0) FROM value_hold WHERE account = a.id AND state = 1) AS holds, a.spent,
        (SELECT COALESCE(SUM(amount - refunded), 0) FROM value_use WHERE account = a.id) +
            (SELECT COALESCE(SUM(amount), 0) FROM value_order WHERE account = a.id AND undone_us = 0) AS uses
    FROM value_account a)
WHERE sum <> parts OR homed <> at_homes OR held <> holds OR spent <> uses
ORDER BY id
