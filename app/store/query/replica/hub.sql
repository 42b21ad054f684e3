SELECT entry FROM hub
