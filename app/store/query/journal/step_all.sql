SELECT n, body, sum FROM step ORDER BY n
