package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// ErrAddress says that the address of the store cannot be used as it is.
var ErrAddress = errors.New("the address of the store")

// parse reads redis://USER:PASSWORD@HOST:PORT/DB, or rediss:// for TLS, with
// the parameters of go-redis and two of ours: tag=NAME is the hash tag of the
// deployment (default sidem), ca=FILE holds the certificates in PEM that may vouch
// for the server. Its errors never repeat the address, which holds a password.
func parse(dsn string) (o *redis.Options, tag string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrAddress, err)
		}
	}()
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		return nil, "", errors.New("it is not of the form redis://USER:PASSWORD@HOST:PORT/DB (rediss:// for TLS); signs such as / @ : # in a password are written %2F %40 %3A %23")
	}
	q := u.Query()
	tag, ca := q.Get("tag"), q.Get("ca")
	if tag == "" {
		tag = "sidem"
	}
	if strings.ContainsAny(tag, "{}") {
		return nil, "", fmt.Errorf("tag=%s must have no braces", tag)
	}
	q.Del("tag")
	q.Del("ca")
	u.RawQuery = q.Encode()
	if o, err = redis.ParseURL(u.String()); err != nil {
		return nil, "", err // it speaks of parameters only: the rest was read above
	}
	if ca != "" {
		if err := trust(o.TLSConfig, ca); err != nil {
			return nil, "", err
		}
	}
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true // CLIENT SETINFO, which Redis 7.0 does not know
	o.PipelinePoolSize = -1  // pipelines are few, and share the pool
	o.DialerRetries = 1      // patience is ours
	if o.DialTimeout == 0 {
		o.DialTimeout = 2 * time.Second
	}
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, tag, nil
}

// trust lets only the certificates of a file vouch for the server.
func trust(c *tls.Config, file string) error {
	if c == nil {
		return errors.New("ca= is for rediss:// addresses")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("ca: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("ca: %s holds no certificate in PEM", file)
	}
	return nil
}
