SELECT reserve_bp, risk_per_terminal, hold_minor, day_shared, twice_minor, rebalanced_us, budget, free, outstanding, spent,
       stranded, over, risk_budget, risk_free, risk_outstanding, risk_spent, risk_stranded, risk_over
FROM campaign_money WHERE campaign = ?1
