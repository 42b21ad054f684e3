-- The id of a batch that is gone may come again. Triggers do not run in this program: app/store/db.c.
DELETE FROM forgotten WHERE batch NOT IN (SELECT id FROM batch)
