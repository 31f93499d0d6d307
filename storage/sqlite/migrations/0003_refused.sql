-- What was applied to a record, and what was refused of it, each by itself: however many
-- presses were refused, reading what was done does not walk over them. The indices are
-- of the bodies, and follow whatever is written there.
CREATE INDEX events_applied ON events (record, seq)
  WHERE iif(json_valid(body), body ->> '$.refusal', 0) IS NULL;
CREATE INDEX events_refused ON events (record, seq)
  WHERE iif(json_valid(body), body ->> '$.refusal', NULL) IS NOT NULL;
CREATE INDEX events_refused_by ON events (record, body ->> '$.by', seq)
  WHERE iif(json_valid(body), body ->> '$.refusal', NULL) IS NOT NULL;
