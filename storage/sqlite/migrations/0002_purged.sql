-- Items that were settled long ago leave: how many did is kept. The newest of all never
-- does, so that the next id is the highest plus one, and no id is given twice.
ALTER TABLE tally ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
