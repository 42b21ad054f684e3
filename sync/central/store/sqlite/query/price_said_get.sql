SELECT EXISTS (SELECT 1 FROM price_said WHERE store = ?1 AND product = ?2 AND list = ?3 AND price_minor = ?4),
       EXISTS (SELECT 1 FROM price_said WHERE store = ?1 AND product = ?2)
