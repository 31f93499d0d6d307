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

// address is where a store is: one server, or what Sentinels say at each connection.
type address struct {
	*redis.Options
	tag      string
	sentinel sentinel
}

// sentinel names the master of a deployment with Redis Sentinel.
type sentinel struct {
	master         string // "": there is no Sentinel
	addrs          []string
	user, password string
}

// parse reads redis://USER:PASSWORD@HOST:PORT/DB, or rediss:// for TLS, with
// the parameters of go-redis and some of ours: tag=NAME is the hash tag of the
// deployment (default sidem), ca=FILE holds the certificates in PEM that may vouch
// for the server. With sentinel=MASTER the host is a Sentinel, of which there are more at
// addr=HOST:PORT (repeated); sentinel_user and sentinel_password are for them.
// Its errors never repeat the address, which holds a password.
func parse(dsn string) (a address, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrAddress, err)
		}
	}()
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || (u.Scheme != "redis" && u.Scheme != "rediss") {
		return a, errors.New("it is not of the form redis://USER:PASSWORD@HOST:PORT/DB (rediss:// for TLS); signs such as / @ : # in a password are written %2F %40 %3A %23")
	}
	q := u.Query()
	a.tag = q.Get("tag")
	if a.tag == "" {
		a.tag = "sidem"
	}
	if strings.ContainsAny(a.tag, "{}") {
		return a, fmt.Errorf("tag=%s must have no braces", a.tag)
	}
	ca := q.Get("ca")
	a.sentinel = sentinel{master: q.Get("sentinel"), addrs: append([]string{u.Host}, q["addr"]...), user: q.Get("sentinel_user"), password: q.Get("sentinel_password")}
	if a.sentinel.master == "" && (q.Has("addr") || q.Has("sentinel_user") || q.Has("sentinel_password")) {
		return a, errors.New("addr=, sentinel_user= and sentinel_password= want sentinel=MASTER")
	}
	for _, ours := range []string{"tag", "ca", "sentinel", "addr", "sentinel_user", "sentinel_password"} {
		q.Del(ours)
	}
	u.RawQuery = q.Encode()
	if a.Options, err = redis.ParseURL(u.String()); err != nil {
		return a, err // it speaks of parameters only: the rest was read above
	}
	if ca != "" {
		if err := trust(a.TLSConfig, ca); err != nil {
			return a, err
		}
	}
	a.ContextTimeoutEnabled = true
	a.DisableIdentity = true // CLIENT SETINFO, which Redis 7.0 does not know
	a.PipelinePoolSize = -1  // pipelines are few, and share the pool
	a.DialerRetries = 1      // patience is ours
	if a.DialTimeout == 0 {
		a.DialTimeout = 2 * time.Second
	}
	a.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return a, nil
}

// client is the client that speaks to the server, or to whichever the Sentinels name.
func (a address) client() *redis.Client {
	if a.sentinel.master == "" {
		return redis.NewClient(a.Options)
	}
	o := a.Options
	if o.TLSConfig != nil {
		o.TLSConfig.ServerName = "" // that of each server, not of the first Sentinel
	}
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: a.sentinel.master, SentinelAddrs: a.sentinel.addrs, SentinelUsername: a.sentinel.user, SentinelPassword: a.sentinel.password,
		Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig, OnConnect: o.OnConnect, Protocol: o.Protocol,
		MaxRetries: o.MaxRetries, MinRetryBackoff: o.MinRetryBackoff, MaxRetryBackoff: o.MaxRetryBackoff,
		DialTimeout: o.DialTimeout, DialerRetries: o.DialerRetries, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns,
		MaxActiveConns: o.MaxActiveConns, ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime,
		ContextTimeoutEnabled: o.ContextTimeoutEnabled, DisableIdentity: o.DisableIdentity, PipelinePoolSize: o.PipelinePoolSize,
	})
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
