// Package e2etest is what the suites of whole SIDEMs share: worlds, processes and replicas to play
// stories on, and what must hold when a story is over. Suites that take long are packages beside it,
// behind the build tag e2e.
package e2etest
