SELECT version, n, discount_minor FROM version_sold WHERE campaign = ?1 ORDER BY version
