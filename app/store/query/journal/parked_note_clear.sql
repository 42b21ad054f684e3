DELETE FROM parked_note
