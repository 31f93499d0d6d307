package files

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Options are how to open a Store; the zero value works for a folder.
type Options struct {
	// Key and Secret are the credentials of a bucket.
	Key, Secret string
	// ReadOnly makes no folder: one that is not there holds nothing.
	ReadOnly bool
	// Log hears of a bucket that does not answer at the start; by default slog.Default().
	Log *slog.Logger
}

// ErrAddress says that what SIDEM_FILES holds, or its credentials, cannot work.
var ErrAddress = errors.New("want a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION with SIDEM_FILES_KEY and SIDEM_FILES_SECRET")

// Open opens the store at an address: a folder, which it makes if need be, or
// s3://BUCKET/PREFIX with the parameters endpoint (default: Amazon's of the region),
// region (us-east-1) and ca (certificates in PEM that may vouch for the server).
// A bucket that refuses the credentials, or is not there, is ErrAddress; one that does
// not answer is only told of: it may answer later, and SIDEM can do without till then.
func Open(ctx context.Context, address string, opts Options) (*Store, error) {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if !IsBucket(address) {
		if opts.ReadOnly {
			return &Store{folder{address}}, nil
		}
		f, err := openFolder(address)
		if err != nil {
			return nil, fmt.Errorf("files: %w", err)
		}
		return &Store{f}, nil
	}
	b, err := openBucket(address, opts)
	if err != nil {
		return nil, fmt.Errorf("files: %w: %w", ErrAddress, err)
	}
	switch err := b.ask(ctx); {
	case errors.Is(err, ErrAddress):
		return nil, err
	case err != nil:
		opts.Log.Warn("files: the bucket does not answer; attachments wait until it does", "err", err)
	}
	return &Store{b}, nil
}

// IsBucket reports whether an address names a bucket, and no folder.
func IsBucket(address string) bool { return strings.HasPrefix(address, "s3:") }

// Check says whether an address can be one, with its credentials; it asks nobody.
func Check(address string, opts Options) error {
	if !IsBucket(address) {
		if strings.Contains(address, "://") {
			return ErrAddress
		}
		return nil
	}
	if _, err := openBucket(address, opts); err != nil {
		return fmt.Errorf("%w: %w", err, ErrAddress)
	}
	return nil
}

// Ask says whether the bucket at an address answers and takes the credentials
// (ErrAddress: it does not). It changes nothing.
func Ask(ctx context.Context, address string, opts Options) error {
	b, err := openBucket(address, opts)
	if err != nil {
		return fmt.Errorf("files: %w: %w", ErrAddress, err)
	}
	return b.ask(ctx)
}

// ask is look, with the error of the package.
func (b *bucket) ask(ctx context.Context) error {
	err := b.look(ctx)
	if errors.Is(err, errRefused) {
		return fmt.Errorf("files: %w: %w", ErrAddress, err)
	}
	return err
}
