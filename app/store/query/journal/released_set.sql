INSERT INTO released (campaign, number, generation) VALUES (?1, ?2, ?3)
ON CONFLICT (campaign, number) DO UPDATE SET generation = max(generation, excluded.generation)
