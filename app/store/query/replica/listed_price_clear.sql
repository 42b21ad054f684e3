DELETE FROM listed_price
