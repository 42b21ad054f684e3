SELECT (SELECT COUNT(*) FROM member m
        LEFT JOIN (SELECT sub, SUM(points) AS n FROM points GROUP BY sub) p ON p.sub = m.sub
        WHERE m.points <> COALESCE(p.n, 0))
     + (SELECT COUNT(*) FROM voucher v
        LEFT JOIN points taken ON taken.cause = 3 AND taken.ref = v.id
        LEFT JOIN points back ON back.cause = 4 AND back.ref = v.id
        WHERE COALESCE(taken.points, 0) <> -v.points
           OR COALESCE(back.points, 0) <> CASE WHEN v.released IS NULL THEN 0 ELSE v.points END)
