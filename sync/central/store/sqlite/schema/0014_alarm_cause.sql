-- What an alarm is about, where it is dropped when that is not so any more: kind and number of its cause. 1 to 5: a conflict of
-- that kind, of this redemption (5: of this record); 100: a campaign that is used beyond its budget. NULL: it stays.
ALTER TABLE alarm ADD COLUMN kind INTEGER;
ALTER TABLE alarm ADD COLUMN cause INTEGER;
CREATE UNIQUE INDEX alarm_cause ON alarm (kind, cause) WHERE kind IS NOT NULL;
CREATE INDEX alarm_record ON alarm (record) WHERE record IS NOT NULL;
