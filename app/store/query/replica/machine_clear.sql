DELETE FROM machine
