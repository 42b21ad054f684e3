SELECT seq, hub_epoch FROM sublease_return ORDER BY seq
