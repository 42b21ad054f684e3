SELECT sub FROM member_counter UNION SELECT sub FROM member_sale
