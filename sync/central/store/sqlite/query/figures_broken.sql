SELECT COUNT(*) FROM reckoned
WHERE sum_said <> sum OR outstanding_said <> outstanding OR stranded_said <> stranded OR spent_said <> spent OR money_said <> money
    OR money_outstanding_said <> money_outstanding OR money_stranded_said <> money_stranded
    OR money_spent_said <> money_spent OR lost_twice_said <> lost_twice
