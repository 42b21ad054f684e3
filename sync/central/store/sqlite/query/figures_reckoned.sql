SELECT campaign, sum_said, sum, outstanding_said, outstanding, stranded_said, stranded, spent_said, spent, money_said, money,
       money_outstanding_said, money_outstanding, money_stranded_said, money_stranded, money_spent_said, money_spent,
       lost_twice_said, lost_twice
FROM reckoned ORDER BY campaign
