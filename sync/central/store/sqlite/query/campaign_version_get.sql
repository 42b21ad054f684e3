SELECT entry FROM campaign_version WHERE campaign = ?1 AND version = ?2
