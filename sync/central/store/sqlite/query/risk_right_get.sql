SELECT sum_minor, dearest_minor, certain FROM risk_right WHERE campaign = ?1 AND idx = ?2
