DELETE FROM redeemed
