INSERT INTO basket (at_us, channel, store, reference, ordered, member, discount_minor, total_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
