package sqlite

// TrailQueries are the queries of the end of a trail, and the index of each.
var TrailQueries = []struct{ Query, Index string }{
	{lastApplied, "events_applied"}, {lastRefused, "events_refused"}, {lastRefusals, "events_refused_by"},
}
