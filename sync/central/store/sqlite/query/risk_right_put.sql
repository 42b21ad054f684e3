INSERT OR REPLACE INTO risk_right (campaign, idx, sum_minor, dearest_minor, certain) VALUES (?1, ?2, ?3, ?4, ?5)
