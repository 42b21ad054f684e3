SELECT a.kind, a.currency, COUNT(*), SUM(a.issued), SUM(a.balance), SUM(a.homed), SUM(a.held), SUM(a.spent), SUM(a.over),
    COALESCE((SELECT SUM(h.granted - h.spent - h.returned) FROM value_home h JOIN log l ON l.id = h.log
        JOIN value_account b ON b.id = h.account
        WHERE l.state <> 1 AND b.kind = a.kind AND b.currency = a.currency), 0)
FROM value_account a GROUP BY a.kind, a.currency ORDER BY a.currency, a.kind
