-- How often somebody asked for a generation of an order is counted before another key of it is kept.
CREATE INDEX shop_order_claim_of ON shop_order_claim (number, generation);
