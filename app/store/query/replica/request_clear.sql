DELETE FROM request
