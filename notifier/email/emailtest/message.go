package emailtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/emersion/go-smtp"
)

// message collects what follows DATA, judges it, and lets go-smtp read an empty one.
func (c *conn) message() error {
	raw, size, err := c.collect()
	if err != nil {
		return err
	}
	c.verb = "."
	c.s.record(".")
	m, err := examine(raw, c.promised)
	if err != nil {
		c.refusal = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	if size > c.s.opts.MaxSize {
		c.refusal = smtp.ErrDataTooLarge
	}
	m.From, m.To, m.Raw, m.Size = c.from, slices.Clone(c.to), raw, size
	c.letter = &m
	c.out = []byte(".\r\n")
	p := c.phase(Dot)
	p.Message = &m
	f := c.s.ask(p)
	switch {
	case f == nil:
	case f.After:
		c.after = f
	case f.Reply == "" && f.Drop:
		if err := c.wait(f.Delay); err != nil {
			return err
		}
		return c.fail(f)
	default:
		if err := c.wait(f.Delay); err != nil {
			return err
		}
		if f.Reply != "" {
			c.letter, c.refusal, c.after = nil, nil, &Fault{Reply: f.Reply, Drop: f.Drop}
		}
	}
	return nil
}

// collect reads to <CRLF>.<CRLF> and nothing else that looks like it (RFC 5321
// §4.1.1.4), taking leading dots away. It keeps no more than the relay accepts,
// but counts all.
func (c *conn) collect() (raw []byte, size int, err error) {
	var b bytes.Buffer
	fresh, last := true, byte('\n') // at the start of a line; the byte before
	for {
		part, err := c.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, 0, fmt.Errorf("message breaks off: %w", err)
		}
		if fresh && string(part) == ".\r\n" {
			return b.Bytes(), size, nil
		}
		if fresh && part[0] == '.' {
			part = part[1:]
		}
		for _, now := range part {
			fresh = last == '\r' && now == '\n'
			last = now
		}
		size += len(part)
		if size <= c.s.opts.MaxSize {
			b.Write(part)
		}
	}
}
