DELETE FROM temp.code_queue
