SELECT sub, seq FROM member_sale ORDER BY sub, seq
