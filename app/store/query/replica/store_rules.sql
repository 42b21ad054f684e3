-- The store's rules.
SELECT entry FROM store_rules
