SELECT nonce, sum FROM challenge ORDER BY nonce
