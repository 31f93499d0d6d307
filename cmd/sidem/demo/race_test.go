//go:build race

package demo_test

// slower is how much more time a program takes with the race detector.
const slower = 8
