package email

import (
	"testing"
	"time"
)

// Postfix hangs up on an idle client after five minutes, and after ten seconds
// under stress (smtpd_timeout); a connection that is used again within seconds
// is worth keeping, and one that the relay gave up is replaced unnoticed.
func TestAnUnusedConnectionIsLeftLongBeforeARelayWouldHangUp(t *testing.T) {
	cfg := NewTransport(Config{}).cfg
	if cfg.MaxIdle != 20*time.Second || cfg.MaxPerConn != 50 || cfg.Connections != 2 || cfg.TLS != TLSStart {
		t.Errorf("by default %+v", cfg)
	}
}
