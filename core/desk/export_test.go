package desk

// Walks has a search walk lists of at most n records.
func (d *Desk) Walks(n int) { d.walk = n }
