//go:build race

package main

// slower is how much more time a program takes with the race detector.
const slower = 8
