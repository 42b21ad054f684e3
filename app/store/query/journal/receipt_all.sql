SELECT seq, document, sum FROM receipt ORDER BY seq
