package office

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// ReadText reads a file that people write: UTF-8, without the mark that some editors put
// before it. What was lost when another program saved it (U+FFFD) is refused too, since it
// would be granted and printed like that. An error names the line, and nothing that stands there.
func ReadText(path string) ([]byte, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: name a file that this user can read", err)
	}
	if body, err = plainText(body); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return body, nil
}

// byteOrderMark is what Windows puts before UTF-8.
var byteOrderMark = []byte("\uFEFF")

func plainText(body []byte) ([]byte, error) {
	if bytes.HasPrefix(body, []byte{0xFF, 0xFE}) || bytes.HasPrefix(body, []byte{0xFE, 0xFF}) {
		return nil, errors.New("it is UTF-16: save it as UTF-8")
	}
	body = bytes.TrimPrefix(body, byteOrderMark)
	for i, line := range bytes.Split(body, []byte("\n")) {
		switch {
		case !utf8.Valid(line):
			return nil, fmt.Errorf("line %d is not UTF-8: save the file as UTF-8 (Windows calls others ANSI)", i+1)
		case bytes.ContainsRune(line, utf8.RuneError):
			return nil, fmt.Errorf("line %d has the sign \uFFFD, which stands for a letter that was lost: write the letter, and save the file as UTF-8", i+1)
		case bytes.IndexByte(line, 0) >= 0:
			return nil, fmt.Errorf("line %d has a zero byte: save the file as text in UTF-8", i+1)
		}
	}
	return body, nil
}

// ReadYAML reads a file of known keys into what they mean; its errors are of one line and
// tell the place alone.
func ReadYAML(path string, into any) error {
	body, err := ReadText(path)
	if err != nil {
		return err
	}
	if err := ParseYAML(body, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ParseYAML is ReadYAML of a text.
func ParseYAML(body []byte, into any) error {
	body, err := plainText(body)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(body, into, yaml.Strict()); err != nil {
		return errors.New(yaml.FormatError(err, false, false))
	}
	return nil
}
