SELECT campaign, number, seq FROM spent ORDER BY campaign, number
