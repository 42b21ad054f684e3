SELECT sub, counter FROM member_counter ORDER BY sub
