package files

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sidem.gob.mx/sidem/notifier/maintenance"
)

// The bounds of what is asked of a bucket.
const (
	answering  = 20 * time.Second // until it begins to answer
	moving     = 2 * time.Minute  // until a file has passed
	attempts   = 3
	atOnce     = 4 // files that are taken in at the same time: each is held in memory, up to MaxSize
	octets     = "application/octet-stream"
	nobody     = "0000000000000000000000000000000000000000000000000000000000000000" // no file has this hash
	lookingFor = 5 * time.Second
)

// bucket is a bucket that speaks S3. Each file is one object, which S3 shows whole or not at all.
type bucket struct {
	client       *minio.Core
	name, prefix string
	room         chan struct{} // holds one for each file that is taken in
}

func openBucket(address string, opts Options) (*bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("it is not of the form s3://BUCKET/PREFIX")
	}
	if opts.Key == "" || opts.Secret == "" {
		return nil, errors.New("its credentials are missing")
	}
	q := u.Query()
	for name := range q {
		if !slices.Contains([]string{"endpoint", "region", "ca"}, name) {
			return nil, fmt.Errorf("unknown parameter %q", name)
		}
	}
	region := q.Get("region")
	if region == "" {
		region = "us-east-1"
	}
	endpoint, secure, err := server(q.Get("endpoint"), region)
	if err != nil {
		return nil, err
	}
	transport, err := through(secure, q.Get("ca"))
	if err != nil {
		return nil, err
	}
	client, err := minio.NewCore(endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(opts.Key, opts.Secret, ""), Secure: secure, Region: region, Transport: transport, MaxRetries: attempts,
	})
	if err != nil {
		return nil, err
	}
	return &bucket{client: client, name: u.Host, prefix: strings.Trim(u.Path, "/"), room: make(chan struct{}, atOnce)}, nil
}

// server is the host and port of an endpoint, and whether it speaks TLS.
func server(endpoint, region string) (host string, secure bool, err error) {
	if endpoint == "" {
		return "s3." + region + ".amazonaws.com", true, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return "", false, errors.New("endpoint= must be of the form https://HOST:PORT")
	}
	return u.Host, u.Scheme == "https", nil
}

// through is the transport to the server; ca names the only certificates that may vouch for it.
func through(secure bool, ca string) (*http.Transport, error) {
	t, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	t.ResponseHeaderTimeout = answering
	if ca == "" {
		return t, nil
	}
	if !secure {
		return nil, errors.New("ca= is for endpoints with https")
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca: %s holds no certificate in PEM", ca)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// key is the name of the object with a hash on a shelf.
func (b *bucket) key(shelf maintenance.Shelf, hash string) string {
	if shelf == Aside {
		return path.Join(b.prefix, asideName, hash)
	}
	return path.Join(b.prefix, hash)
}

// errRefused says that no repetition helps: the configuration must change.
var errRefused = errors.New("the bucket refuses")

// look asks for a file that is not there: the answer tells what is wrong, if anything.
func (b *bucket) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookingFor)
	defer cancel()
	r, err := b.get(ctx, nobody)
	if err == nil {
		return r.Close()
	}
	code := minio.ToErrorResponse(err).Code
	switch code {
	case "NoSuchBucket", "InvalidBucketName", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", "PermanentRedirect":
		return fmt.Errorf("%w (%s): %w", errRefused, code, err)
	case "AccessDenied": // said of a file that is not there to whoever may not list
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (b *bucket) get(ctx context.Context, hash string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, moving)
	var err error
	for _, shelf := range lookup {
		var r io.ReadCloser
		if r, _, _, err = b.client.GetObject(ctx, b.name, b.key(shelf, hash), minio.GetObjectOptions{}); err == nil {
			return &arriving{r, cancel}, nil
		}
		if minio.ToErrorResponse(err).Code != minio.NoSuchKey {
			cancel()
			return nil, err
		}
	}
	cancel()
	return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
}

// arriving is a file that is read within the time that it may take.
type arriving struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (a *arriving) Close() error {
	defer a.cancel()
	return a.ReadCloser.Close()
}

func (b *bucket) has(ctx context.Context, hash string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookingFor)
	defer cancel()
	for _, shelf := range lookup {
		_, err := b.client.StatObject(ctx, b.name, b.key(shelf, hash), minio.StatObjectOptions{})
		if err == nil || minio.ToErrorResponse(err).Code != minio.NoSuchKey {
			return err == nil, err
		}
	}
	return false, nil
}

func (b *bucket) list(ctx context.Context, shelf maintenance.Shelf, after string, limit int) ([]maintenance.Blob, error) {
	ctx, cancel := context.WithTimeout(ctx, moving) // which ends the listing too, where it is left
	defer cancel()
	prefix := strings.TrimSuffix(b.key(shelf, "x"), "x")
	opts := minio.ListObjectsOptions{Prefix: prefix, MaxKeys: min(limit+1, 1000)} // what lies deeper counts as one
	if after != "" {
		opts.StartAfter = prefix + after
	}
	var out []maintenance.Blob
	for o := range b.client.ListObjectsIter(ctx, b.name, opts) {
		if o.Err != nil {
			return nil, denied(o.Err)
		}
		hash := strings.TrimPrefix(o.Key, prefix)
		if !isAddress(hash) || hash <= after { // some servers give the first again
			continue
		}
		if out = append(out, maintenance.Blob{Hash: hash, Since: o.LastModified}); len(out) == limit {
			break
		}
	}
	return out, nil
}

// move copies the object and deletes the one that it is a copy of: at no instant is
// there none.
func (b *bucket) move(ctx context.Context, hash string, to maintenance.Shelf) error {
	ctx, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	from := b.key(!to, hash)
	_, err := b.client.Client.CopyObject(ctx, minio.CopyDestOptions{Bucket: b.name, Object: b.key(to, hash)}, minio.CopySrcOptions{Bucket: b.name, Object: from})
	if err != nil && minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if err != nil {
		return denied(err)
	}
	return denied(b.client.RemoveObject(ctx, b.name, from, minio.RemoveObjectOptions{}))
}

func (b *bucket) remove(ctx context.Context, hash string) error {
	ctx, cancel := context.WithTimeout(ctx, lookingFor)
	defer cancel()
	return denied(b.client.RemoveObject(ctx, b.name, b.key(Aside, hash), minio.RemoveObjectOptions{}))
}

// denied marks what the credentials may not do as fs.ErrPermission.
func denied(err error) error {
	if minio.ToErrorResponse(err).Code == "AccessDenied" {
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}

func (b *bucket) incoming(ctx context.Context) (incoming, error) {
	select {
	case b.room <- struct{}{}:
		return &incomingObject{b: b}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// incomingObject is held in memory until its hash, and with it its name, is known:
// SIDEM may run where it can write no file.
type incomingObject struct {
	b    *bucket
	body bytes.Buffer
}

func (o *incomingObject) Write(p []byte) (int, error) { return o.body.Write(p) }

func (o *incomingObject) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(o.body.Bytes()).ReadAt(p, off)
}

func (o *incomingObject) drop() { <-o.b.room }

// keep sends the object in one request, which the server checks by its digest.
func (o *incomingObject) keep(ctx context.Context, hash string) error {
	ctx, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	body := o.body.Bytes()
	_, err := o.b.client.Client.PutObject(ctx, o.b.name, o.b.key(InUse, hash), bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{
		ContentType: octets, SendContentMd5: true, DisableMultipart: true,
	})
	return err
}
