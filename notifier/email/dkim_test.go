package email_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"sidem/core"
	"sidem/notifier/email"
	"sidem/notifier/email/emailtest"
)

// keys are a private key in PEM and what the DNS says of its public half.
func keys(t *testing.T, kind string) (private []byte, record string) {
	t.Helper()
	var key crypto.Signer
	var err error
	if kind == "rsa" {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := key.Public().(ed25519.PublicKey); ok {
		public = k // RFC 8463: the bare key
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// verify has a receiver's library judge the signatures of a mail.
func verify(t *testing.T, raw []byte, record string) []*dkim.Verification {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "sidem._domainkey.digital.ejemplo.gob.mx" {
			return nil, errors.New("no such name: " + name)
		}
		return []string{record}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAMailIsSignedSoThatAReceiverCanVerifyIt(t *testing.T) {
	for _, kind := range []string{"rsa", "ed25519"} {
		t.Run(kind, func(t *testing.T) {
			private, record := keys(t, kind)
			key, err := email.ParseKey(private)
			if err != nil {
				t.Fatal(err)
			}
			s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSStart}, func(c *email.Config) {
				c.DKIM = email.DKIM{Domain: "digital.ejemplo.gob.mx", Selector: "sidem", Key: key}
			})
			scene := scenes()["request/filed/lucia.herrera"]
			if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailFiled)); err != nil {
				t.Fatal(err)
			}
			raw := s.All()[0].Raw
			found := verify(t, raw, record)
			if len(found) != 1 || found[0].Err != nil || found[0].Domain != "digital.ejemplo.gob.mx" {
				t.Fatalf("%d signatures: %+v", len(found), found)
			}
			for _, field := range []string{"From", "Subject", "Message-ID", "To"} {
				if !strings.Contains(strings.ToLower(strings.Join(found[0].HeaderKeys, " ")), strings.ToLower(field)) {
					t.Errorf("%s is not signed: %v", field, found[0].HeaderKeys)
				}
			}
			forged := bytes.Replace(raw, []byte("[000147/2026]"), []byte("[000148/2026]"), 1)
			if got := verify(t, forged, record); len(got) != 1 || got[0].Err == nil {
				t.Error("a changed subject passes")
			}
			forged = bytes.Replace(raw, []byte("computadoras"), []byte("tabletas"), 1)
			if got := verify(t, forged, record); len(got) != 1 || got[0].Err == nil {
				t.Error("a changed text passes")
			}
		})
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	send(t, tr)
	if got := verify(t, s.All()[0].Raw, ""); len(got) != 0 {
		t.Errorf("%d signatures", len(got))
	}
}

func TestAKeyThatIsNoneIsRefusedWithoutBeingTold(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(short)})
	if _, err := email.ParseKey(good); err != nil {
		t.Errorf("PKCS #1: %v", err)
	}
	for _, text := range []string{"", "canario", string(good[:200]), strings.Replace(string(good), "MII", "XXX", 1)} {
		if _, err := email.ParseKey([]byte(text)); err == nil || strings.Contains(err.Error(), "canario") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
