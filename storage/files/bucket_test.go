package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem.gob.mx/sidem/storage/files"
)

const (
	accessKey = "AKIACANARY42"
	secretKey = "c4n4ry/secret+key"
)

// bucketServer is a server that speaks S3, with a bucket.
type bucketServer struct {
	*httptest.Server
	t       *testing.T
	backend gofakes3.Backend
	// fault, if set, may answer a request instead; false lets it pass.
	fault    atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
	requests atomic.Int64
}

func newBucket(t *testing.T) *bucketServer {
	t.Helper()
	b := &bucketServer{t: t, backend: s3mem.New()}
	if err := b.backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	handler := gofakes3.New(b.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.requests.Add(1)
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+accessKey+"/") {
			refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
			return
		}
		if f := b.fault.Load(); f != nil && (*f)(w, r) {
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
}

func (b *bucketServer) address() string { return "s3://sidem/oficina/2026?endpoint=" + b.URL }

func (b *bucketServer) open(t *testing.T) *files.Store {
	t.Helper()
	s, err := files.Open(t.Context(), b.address(), files.Options{Key: accessKey, Secret: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bucketServer) count() int {
	list, err := b.backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{})
	if err != nil {
		b.t.Error(err)
		return -1
	}
	for _, o := range list.Contents {
		if !strings.HasPrefix(o.Key, "oficina/2026/") {
			b.t.Errorf("%s is not under the prefix", o.Key)
		}
	}
	return len(list.Contents)
}

// troubled answers every request by fault.
func (b *bucketServer) troubled(fault func(w http.ResponseWriter, r *http.Request) bool) {
	b.fault.Store(&fault)
}

const pdf = "%PDF-1.7\n"

// mute fails the test if an error tells a secret.
func mute(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("it did not fail")
		return
	}
	for _, secret := range []string{accessKey, secretKey} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("a secret is told: %v", err)
		}
	}
}

func TestABucketThatFailsForAMomentIsAskedAgain(t *testing.T) {
	b := newBucket(t)
	s := b.open(t)
	var n atomic.Int64
	b.troubled(func(w http.ResponseWriter, _ *http.Request) bool {
		if n.Add(1) > 1 {
			return false
		}
		refuse(w, http.StatusInternalServerError, "InternalError")
		return true
	})
	if _, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(pdf)); err != nil || b.count() != 1 {
		t.Errorf("%v, %d kept", err, b.count())
	}
}

func TestABucketThatFailsIsAnErrorAndKeepsNothing(t *testing.T) {
	b := newBucket(t)
	s := b.open(t)
	kept, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(pdf))
	if err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"500": func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, http.StatusInternalServerError, "InternalError")
			return true
		},
		"full": func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, http.StatusInsufficientStorage, "XMinioStorageFull")
			return true
		},
		"denied": func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, http.StatusForbidden, "AccessDenied")
			return true
		},
		"cut": func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.CopyN(io.Discard, r.Body, 4)
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b.troubled(fault)
			_, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(pdf+name))
			mute(t, err)
			_, err = s.Get(t.Context(), kept.Hash)
			mute(t, err)
			if n := b.count(); n != 1 {
				t.Errorf("%d kept", n)
			}
		})
	}
}

func TestABucketThatHangsIsLeftAtTheDeadline(t *testing.T) {
	b := newBucket(t)
	s := b.open(t)
	b.troubled(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return true
	})
	for name, do := range map[string]func(ctx context.Context) error{
		"put": func(ctx context.Context) error {
			_, err := s.Put(ctx, "oficio.pdf", strings.NewReader(pdf))
			return err
		},
		"get": func(ctx context.Context) error {
			_, err := s.Get(ctx, strings.Repeat("0", 64))
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := do(ctx)
		cancel()
		if mute(t, err); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADownloadThatIsCutOrChangedIsNoFile(t *testing.T) {
	b := newBucket(t)
	s := b.open(t)
	body := []byte(pdf + strings.Repeat("página\n", 10_000))
	a, err := s.Put(t.Context(), "oficio.pdf", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	head := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "70009")
		w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT")
		w.Header().Set("ETag", `"0"`)
	}
	for name, fault := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"cut": func(w http.ResponseWriter, _ *http.Request) bool {
			head(w)
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		},
		"changed": func(w http.ResponseWriter, _ *http.Request) bool {
			head(w)
			_, _ = w.Write(bytes.ToUpper(body)[:70009])
			return true
		},
	} {
		b.troubled(fault)
		r, err := s.Get(t.Context(), a.Hash)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := io.ReadAll(r); err == nil {
			t.Errorf("%s: %d bytes were taken for the file", name, len(got))
		}
		_ = r.Close()
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	b, elsewhere := newBucket(t), newBucket(t)
	s := b.open(t)
	b.troubled(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	})
	_, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(pdf))
	mute(t, err)
	_, err = s.Get(t.Context(), strings.Repeat("0", 64))
	mute(t, err)
	if n := elsewhere.requests.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestABucketThatCannotWorkIsRefusedAtTheStart(t *testing.T) {
	b := newBucket(t)
	for name, c := range map[string]struct{ address, key, secret string }{
		"another bucket":        {"s3://other/oficina?endpoint=" + b.URL, accessKey, secretKey},
		"another key":           {b.address(), "AKIAOTHER", secretKey},
		"no credentials":        {b.address(), "", ""},
		"no bucket":             {"s3:///oficina?endpoint=" + b.URL, accessKey, secretKey},
		"another parameter":     {b.address() + "&colour=red", accessKey, secretKey},
		"no endpoint":           {"s3://sidem?endpoint=127.0.0.1:9000", accessKey, secretKey},
		"a secret in it":        {"s3://" + accessKey + ":" + secretKey + "@sidem/", accessKey, secretKey},
		"no such certificates":  {"s3://sidem?endpoint=https://127.0.0.1:1&ca=/none", accessKey, secretKey},
		"certificates, no TLS":  {b.address() + "&ca=/none", accessKey, secretKey},
		"another signature":     {b.address(), accessKey, secretKey},
		"another region's name": {b.address() + "&region=mx-centro", accessKey, secretKey},
	} {
		code := map[string]string{"another signature": "SignatureDoesNotMatch", "another region's name": "AuthorizationHeaderMalformed"}[name]
		b.troubled(func(w http.ResponseWriter, _ *http.Request) bool {
			if code != "" {
				refuse(w, http.StatusForbidden, code)
			}
			return code != ""
		})
		_, err := files.Open(t.Context(), c.address, files.Options{Key: c.key, Secret: c.secret})
		if mute(t, err); !errors.Is(err, files.ErrAddress) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABucketThatDoesNotAnswerYetIsWaitedForLater(t *testing.T) {
	b := newBucket(t)
	b.troubled(func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, http.StatusServiceUnavailable, "SlowDown")
		return true
	})
	var log bytes.Buffer
	s, err := files.Open(t.Context(), b.address(), files.Options{Key: accessKey, Secret: secretKey, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil || !strings.Contains(log.String(), "does not answer") || strings.Contains(log.String(), accessKey) {
		t.Fatalf("%v, %s", err, log.String())
	}
	b.fault.Store(nil)
	if _, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(pdf)); err != nil {
		t.Error(err)
	}
}
