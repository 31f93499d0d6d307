package email_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/notifier/email"
)

func TestARecordOfTheDNSIsOfItsKeyHoweverItIsWritten(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	of, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	small, large := email.Key{Selector: "uno", Signer: private}, email.Key{Selector: "dos", Signer: of}
	if small.Place("ejemplo.gob.mx") != "uno._domainkey.ejemplo.gob.mx" {
		t.Error(small.Place("ejemplo.gob.mx"))
	}
	own := map[string]string{}
	for _, k := range []email.Key{small, large} {
		if own[k.Selector], err = k.Record(); err != nil {
			t.Fatal(err)
		}
	}
	_, p, _ := strings.Cut(own["dos"], "p=")
	old := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&of.PublicKey))
	for _, tt := range []struct {
		key    email.Key
		record string
		want   bool
	}{
		{small, own["uno"], true},
		{large, own["dos"], true},
		{large, "p=" + p[:40] + " " + p[40:], true},
		{large, "t=s; p=" + old + "; v=DKIM1", true},
		{large, own["uno"], false},
		{small, own["dos"], false},
		{small, strings.Replace(own["uno"], "k=ed25519; ", "", 1), false},
		{large, "v=DKIM1; k=rsa; p=", false},
		{large, "v=DKIM2; p=" + p, false},
		{large, "", false},
	} {
		if got := tt.key.IsPublishedBy(tt.record); got != tt.want {
			t.Errorf("%s by %q: %v", tt.key.Selector, tt.record, got)
		}
	}
}
