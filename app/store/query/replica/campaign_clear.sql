DELETE FROM campaign
