SELECT mark FROM erasure ORDER BY mark
