INSERT OR REPLACE INTO campaign_money (campaign, reserve_bp, risk_per_terminal, hold_minor, day_shared, twice_minor, rebalanced_us,
                                       budget, free, outstanding, spent, stranded, over, risk_budget, risk_free,
                                       risk_outstanding, risk_spent, risk_stranded, risk_over)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
