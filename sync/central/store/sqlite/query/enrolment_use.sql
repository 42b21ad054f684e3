UPDATE enrolment SET used_us = ?2 WHERE secret_hash = ?1 AND used_us IS NULL
