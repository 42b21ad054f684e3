-- What a member agreed that tills may know for promotions: the day of birth without a year (month * 100 + day, 0: not
-- told), and the segments that marketing put the member in (4 bytes each, big-endian, rising). claims: 1 if cards say so.
ALTER TABLE member ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN birthday INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN segments BLOB;
