INSERT INTO member_said (member, what, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
