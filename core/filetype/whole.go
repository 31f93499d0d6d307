package filetype

import (
	"fmt"
	"io"
)

// Judge is the kind of a whole file of size bytes: as Sniff, and then whether it opens,
// what an archive holds, and whether its end is there. Its error is that of reading.
// What it allocates does not grow with what a file says of itself.
func Judge(name string, r io.ReaderAt, size int64) (Kind, error) {
	head := make([]byte, min(size, Head))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return Unknown, fmt.Errorf("read the head of the file: %w", err)
	}
	k, sure := Sniff(name, head)
	if sure {
		return k, nil
	}
	var err error
	switch k {
	case PDF:
		k, err = judgePDF(r, size)
	case JPEG:
		k, err = judgeJPEG(r, size)
	case PNG:
		k, err = judgePNG(r, size)
	case ZIP:
		k, err = judgeArchive(name, r, size)
	default:
		k, err = judgeCompound(name, r, size)
	}
	if err != nil {
		return Unknown, fmt.Errorf("read the file: %w", err)
	}
	return k, nil
}

// scanSize is how much of a file is looked through at a time.
const scanSize = 256 << 10

// backwards calls do with the parts of a file from its end to its beginning, each of
// which overlaps the one before it by overlap bytes, until it returns true.
func backwards(r io.ReaderAt, size int64, overlap int, do func(part []byte, at int64) bool) error {
	buf := make([]byte, min(size, scanSize))
	for end := size; end > 0; {
		start := max(0, end-int64(len(buf)))
		part := buf[:end-start]
		if n, err := r.ReadAt(part, start); n < len(part) {
			return err
		}
		if do(part, start) || start == 0 {
			return nil
		}
		end = start + int64(overlap)
	}
	return nil
}
