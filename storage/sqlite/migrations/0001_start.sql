-- Times are Unix milliseconds, UTC. Bodies are JSON, as core and core/outbox encode it.

CREATE TABLE records (
  id   TEXT PRIMARY KEY,
  seq  INTEGER NOT NULL,
  body TEXT NOT NULL,
  -- The index under which the record is filed in uniques and terms. It is kept,
  -- not computed anew: another version of the program may index otherwise.
  keys TEXT NOT NULL
) STRICT;

CREATE TABLE uniques (
  key    TEXT PRIMARY KEY,
  record TEXT NOT NULL REFERENCES records(id)
) STRICT, WITHOUT ROWID;

CREATE TABLE terms (
  term   TEXT NOT NULL,
  rank   INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (term, rank, record)
) STRICT, WITHOUT ROWID;

-- How long each list of terms is, so that nobody counts a million.
CREATE TABLE lists (
  term TEXT PRIMARY KEY,
  n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nothing is ever deleted here, so that the next idx is the highest plus one:
-- gap-free, whatever was rolled back.
CREATE TABLE events (
  idx    INTEGER PRIMARY KEY,
  record TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  body   TEXT NOT NULL,
  UNIQUE (record, seq)
) STRICT;

CREATE TABLE onces (
  once TEXT PRIMARY KEY,
  idx  INTEGER NOT NULL REFERENCES events(idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  name   TEXT NOT NULL,
  record TEXT NOT NULL,
  value  INTEGER NOT NULL,
  PRIMARY KEY (name, record),
  UNIQUE (name, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  id     INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  state  TEXT NOT NULL,
  lane   INTEGER NOT NULL,
  due    INTEGER NOT NULL,
  leased INTEGER NOT NULL,
  body   TEXT NOT NULL
) STRICT;

-- One live item per key, any number of settled ones: ids begin at 1.
CREATE UNIQUE INDEX items_key ON items (key, iif(state = 'live', 0, id));
CREATE INDEX items_due ON items (lane, due) WHERE state = 'live';
CREATE INDEX items_leased ON items (due) WHERE leased = 1;
CREATE INDEX items_dead ON items (state) WHERE state = 'dead';

-- One row: how many items there are in each state.
CREATE TABLE tally (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  created INTEGER NOT NULL,
  live    INTEGER NOT NULL,
  sent    INTEGER NOT NULL,
  moot    INTEGER NOT NULL,
  dead    INTEGER NOT NULL
) STRICT;
INSERT INTO tally VALUES (1, 0, 0, 0, 0, 0);

CREATE TABLE sessions (
  key     TEXT PRIMARY KEY,
  value   BLOB NOT NULL,
  rev     INTEGER NOT NULL,
  expires INTEGER
) STRICT;
CREATE INDEX sessions_expires ON sessions (expires) WHERE expires IS NOT NULL;
