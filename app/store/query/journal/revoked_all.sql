SELECT campaign, number, seq FROM revoked ORDER BY campaign, number
