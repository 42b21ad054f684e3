UPDATE OR REPLACE member_sale SET seq = 0 WHERE seq = ?1
