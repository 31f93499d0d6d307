package archive

import "fmt"

// FormatError says that a store is not in the format of this program, and that this program
// may not, or cannot, bring it there.
type FormatError struct{ Has, Knows int }

func (e *FormatError) Error() string {
	if e.Has > e.Knows {
		return fmt.Sprintf("the store has format %d, this program knows %d: use the version of the program that wrote it, or a newer one", e.Has, e.Knows)
	}
	return fmt.Sprintf("the store has format %d, this program needs %d: start the server once to bring it up to date", e.Has, e.Knows)
}
