SELECT seq FROM session ORDER BY only
