DELETE FROM price_list
