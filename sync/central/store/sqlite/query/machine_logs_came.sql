UPDATE machine_logs SET came_us = ?2, text = ?3 WHERE number = ?1
