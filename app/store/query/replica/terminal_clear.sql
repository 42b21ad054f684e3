DELETE FROM terminal
