package filetype

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

func judgeJPEG(r io.ReaderAt, size int64) (Kind, error) {
	shape, err := ShapeOfJPEG(io.NewSectionReader(r, 0, size))
	if err != nil {
		return Unknown, err
	}
	if shape.Cut {
		return CutPicture, nil
	}
	return JPEG, nil
}

// JPEGShape is how a JPEG is built.
type JPEGShape struct {
	Scans int  // how often its pixels are gone over: once, or some ten times where it is progressive
	Cut   bool // its end is missing
}

// ShapeOfJPEG walks the markers of a JPEG (ITU-T T.81, Annex B) up to its end, and
// unpacks nothing. What is no JPEG any more ends the walk. The error is that of reading.
func ShapeOfJPEG(body io.Reader) (JPEGShape, error) {
	r := bufio.NewReaderSize(body, 64<<10)
	var shape JPEGShape
	if _, err := r.Discard(2); err != nil { // start of image
		return shape, atEnd(err)
	}
	cut := func(err error, inside bool) (JPEGShape, error) {
		shape.Cut = inside && atEnd(err) == nil
		return shape, atEnd(err)
	}
	marker, ok, err := nextMarker(r)
	for segments := 0; ; segments++ {
		if err != nil {
			return cut(err, segments > 0)
		}
		if !ok || marker == 0xd9 { // end of image
			return shape, nil
		}
		if marker != 0x01 && (marker < 0xd0 || marker > 0xd8) { // the others stand alone
			var length [2]byte
			if _, err := io.ReadFull(r, length[:]); err != nil {
				return cut(err, segments > 0)
			}
			n := int(binary.BigEndian.Uint16(length[:]))
			if n < 2 { // no JPEG any more
				return shape, nil
			}
			if _, err := r.Discard(n - 2); err != nil {
				return cut(err, segments > 0)
			}
		}
		if marker == 0xda { // start of scan
			shape.Scans++
			marker, err = skipScan(r)
			ok = err == nil
			continue
		}
		marker, ok, err = nextMarker(r)
	}
}

// nextMarker reads a marker, with the bytes that may fill the space before it; false
// where none stands.
func nextMarker(r *bufio.Reader) (byte, bool, error) {
	b, err := r.ReadByte()
	if err != nil || b != 0xff {
		return 0, false, err
	}
	for b == 0xff {
		if b, err = r.ReadByte(); err != nil {
			return 0, false, err
		}
	}
	return b, true, nil
}

// skipScan reads the pixels of a scan and the marker after them.
func skipScan(r *bufio.Reader) (marker byte, err error) {
	for {
		if _, err := r.ReadSlice(0xff); err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			return 0, err
		}
		b := byte(0xff)
		for b == 0xff {
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
		}
		if b != 0 && (b < 0xd0 || b > 0xd7) { // neither a stuffed byte nor a restart
			return b, nil
		}
	}
}

// atEnd takes the end of a file for no error.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// judgePNG walks the chunks of a PNG up to the one that ends it.
func judgePNG(r io.ReaderAt, size int64) (Kind, error) {
	const signature, around = 8, 12 // a chunk: length, type, content, sum
	var head [8]byte
	for at, chunks := int64(signature), 0; ; chunks++ {
		if at+around > size {
			if chunks == 0 {
				return PNG, nil // nothing to judge by
			}
			return CutPicture, nil
		}
		if n, err := r.ReadAt(head[:], at); n < len(head) {
			return Unknown, err
		}
		if string(head[4:]) == "IEND" {
			return PNG, nil
		}
		if at += around + int64(binary.BigEndian.Uint32(head[:])); at > size {
			return CutPicture, nil
		}
	}
}
