// Package desk holds the use cases: it loads a record, has the core decide, and commits the decision with all that it owes.
package desk
