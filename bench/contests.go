package main

// contests are all that is measured, with the bars.
func contests(n size) []contest {
	const each = "handed over per second"
	return []contest{
		{
			name: "Hub on Redis, appendfsync everysec", unit: each, format: "%.0f",
			entrants: []entrant{
				{"SIDEM", delivers(onRedis("everysec"), n.items)},
				{"asynq", asynqDelivers("everysec", n.items)},
			},
			bars: []bar{{beside: "asynq", floor: 5, aim: 15, gross: 1}},
		},
		{
			name: "Hub on Redis, appendfsync always", unit: each, format: "%.0f",
			entrants: []entrant{
				{"SIDEM", delivers(onRedis("always"), n.items)},
				{"asynq", asynqDelivers("always", n.slow)},
			},
			bars: []bar{{beside: "asynq", floor: 12, aim: 20, gross: 3}},
		},
		{
			name: "Hub on SQLite, synchronous=FULL", unit: each, format: "%.0f",
			entrants: []entrant{
				{"SIDEM", delivers(onSQLite, n.items)},
				{"river, tuned", riverDelivers(tuned, n.slow)},
				{"asynq on Redis, everysec", asynqDelivers("everysec", n.items)},
			},
			bars: []bar{{beside: "river, tuned", floor: 6, aim: 10, gross: 2}, {beside: "asynq on Redis, everysec", floor: 2, aim: 5, gross: 0.8}},
		},
		{
			name: "From put to handed over, at 200 a second, 99th percentile", unit: "ms", format: "%.2f",
			entrants: []entrant{
				{"SIDEM on Redis, everysec", reaches(onRedis("everysec"), n.paced)},
				{"asynq, everysec, checking each 10 ms", asynqReaches("everysec", n.paced)},
				{"SIDEM on SQLite, synchronous=FULL", reaches(onSQLite, n.paced)},
			},
			bars: []bar{{beside: "asynq, everysec, checking each 10 ms", floor: 0.5, aim: 0.2, gross: 2, lower: true}},
		},
		presses("SQLite", onSQLite, n.presses, callers, bar{beside: "a bare handler", floor: 0.9, aim: 1.2, gross: 0.2}),
		presses("Redis, everysec", onRedis("everysec"), n.presses, callers, bar{beside: "a bare handler", floor: 0.4, aim: 0.7, gross: 0.1}),
		presses("SQLite", onSQLite, n.single, 1, bar{beside: "a bare handler", floor: 0.7, aim: 1, gross: 0.2}),
		presses("Redis, everysec", onRedis("everysec"), n.single, 1, bar{beside: "a bare handler", floor: 0.4, aim: 0.7, gross: 0.1}),
		commitsOnRedis("everysec", n.commits),
		commitsOnRedis("always", n.commits),
		swept(n.cards),
	}
}
