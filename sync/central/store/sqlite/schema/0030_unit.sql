-- Uses of automatic promotions that are counted: no coupon leads to them.
CREATE INDEX redemption_unit ON redemption (record, campaign) WHERE idx = 4294967295;
