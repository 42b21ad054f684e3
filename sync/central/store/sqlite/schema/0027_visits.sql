-- A sale of which all came back is no purchase any more; those of before this was noted stay purchases.
ALTER TABLE sale ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
-- What a promotion gave because it was the member's nth visit, or their first purchase (nth 1): visits.c.
CREATE TABLE visit_given (
    record INTEGER NOT NULL, -- of the sale
    campaign INTEGER NOT NULL,
    member INTEGER,          -- NULL: forgotten
    nth INTEGER NOT NULL,
    first INTEGER NOT NULL,  -- 1: any purchase before it says otherwise; 0: only one that had the same nth
    cost_minor INTEGER NOT NULL,
    again INTEGER NOT NULL,  -- 1: it is a conflict
    PRIMARY KEY (record, campaign)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_given_member ON visit_given (member) WHERE member IS NOT NULL;
CREATE INDEX visit_given_campaign ON visit_given (campaign) WHERE again = 1;
