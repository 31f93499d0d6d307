// Package forecast says how long a request takes, out of how long others took.
//
// A Summary counts, stage by stage, how long requests stayed and where they went next; a Model
// of it follows a request through the stages that are still before it, returns included, and
// gives what is left as a distribution. Both are values: no clock is read, and chance comes
// from a seed that is an argument.
package forecast
