DELETE FROM generation
