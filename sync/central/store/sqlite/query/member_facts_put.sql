UPDATE member SET claims = ?2, birthday = ?3, segments = ?4 WHERE sub = ?1
