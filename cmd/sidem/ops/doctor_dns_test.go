package ops_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/notifier/email"
)

// zone answers questions for TXT records by UDP; one that it does not know is of no name.
type zone map[string]string

// resolver asks z, over a socket of its own.
func (z zone) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	l, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		packet := make([]byte, 4096)
		for {
			n, from, err := l.ReadFrom(packet)
			if err != nil {
				return
			}
			if answer := z.answer(packet[:n]); answer != nil {
				_, _ = l.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", l.LocalAddr().String())
	}}
}

func (z zone) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	text, ok := z[strings.TrimSuffix(q.Name.String(), ".")]
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	} else {
		var parts []string // of 255 bytes at most
		for ; len(text) > 200; text = text[200:] {
			parts = append(parts, text[:200])
		}
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body:   &dnsmessage.TXTResource{TXT: append(parts, text)},
		}}
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

func TestTheDoctorAsksTheDNSForTheKeyThatMailsAreSignedWith(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cfg := patient(t)
	cfg.DKIMKey, cfg.DKIMSelector, cfg.MailFrom = office.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "sidem", "SIDEM <sidem@digital.ejemplo.gob.mx>"
	record, err := email.Key{Signer: private}.Record()
	if err != nil {
		t.Fatal(err)
	}
	const place, domain = "sidem._domainkey.digital.ejemplo.gob.mx", "digital.ejemplo.gob.mx"
	for name, tt := range map[string]struct {
		zone        zone
		fault       bool
		wants, lack string
	}{
		"all of it":             {zone{place: record, domain: "v=spf1 mx -all", "_dmarc.ejemplo.gob.mx": "v=DMARC1; p=reject"}, false, "tiene la clave con que se firma; SPF está; DMARC está", "falta"},
		"no key":                {zone{domain: "v=spf1 -all"}, true, "este registro TXT en " + place + ": " + record, "otra clave"},
		"another key":           {zone{place: "v=DKIM1; k=ed25519; p=AAAA"}, true, "otra clave que la de SIDEM_DKIM_KEY", "no tiene"},
		"neither SPF nor DMARC": {zone{place: record, domain: "google-site-verification=x"}, false, "falta DMARC, conviene pedir un registro TXT en _dmarc." + domain, "SPF está"},
	} {
		t.Run(name, func(t *testing.T) {
			var found *ops.Finding
			for _, f := range (ops.Doctor{Config: cfg, Log: world.Quiet(), Now: today, DNS: tt.zone.resolver(t)}).Examine(t.Context()) {
				if f.About == "firma del correo" {
					found = &f
				}
			}
			if found == nil {
				t.Fatal("it was not looked at")
			}
			said := found.Says + found.Do
			if found.Fault != nil {
				said += found.Fault.Error()
			}
			if (found.Fault != nil) != tt.fault || !strings.Contains(said, tt.wants) || strings.Contains(said, tt.lack) {
				t.Errorf("fault %v: %s", found.Fault, said)
			}
		})
	}
}
