DELETE FROM shop_order
