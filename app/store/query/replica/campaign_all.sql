SELECT entry FROM campaign ORDER BY id
