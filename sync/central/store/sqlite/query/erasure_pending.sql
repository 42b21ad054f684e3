SELECT mark, sub FROM erasure WHERE sub IS NOT NULL ORDER BY mark
