SELECT campaign, number, generation FROM released ORDER BY campaign, number
