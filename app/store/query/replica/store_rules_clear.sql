DELETE FROM store_rules
