package email_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
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

// verify has a receiver's library judge the signatures of a mail; dns has the records
// of the selectors.
func verify(t *testing.T, raw []byte, dns map[string]string) []*dkim.Verification {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if record, ok := dns[strings.TrimSuffix(name, "._domainkey.digital.ejemplo.gob.mx")]; ok {
			return []string{record}, nil
		}
		return nil, errors.New("no such name: " + name)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// signedBy is a mail that is signed with new keys, one of each kind, and the records of
// their selectors, which are named like the kinds.
func signedBy(t *testing.T, kinds ...string) (raw []byte, dns map[string]string) {
	t.Helper()
	var private []byte
	dns = make(map[string]string)
	for _, kind := range kinds {
		var key []byte
		key, dns[kind] = keys(t, kind)
		private = append(private, key...)
	}
	signing, err := email.ParseKeys(private, kinds)
	if err != nil {
		t.Fatal(err)
	}
	s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSStart}, func(c *email.Config) {
		c.DKIM = email.DKIM{Domain: "digital.ejemplo.gob.mx", Keys: signing}
	})
	scene := scenes()["request/filed/lucia.herrera"]
	if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailFiled)); err != nil {
		t.Fatal(err)
	}
	return s.All()[0].Raw, dns
}

func TestAMailIsSignedSoThatAReceiverCanVerifyIt(t *testing.T) {
	for _, kinds := range [][]string{{"rsa"}, {"ed25519"}, {"rsa", "ed25519"}} {
		t.Run(strings.Join(kinds, " and "), func(t *testing.T) {
			raw, dns := signedBy(t, kinds...)
			found := verify(t, raw, dns)
			if len(found) != len(kinds) {
				t.Fatalf("%d signatures", len(found))
			}
			for i, v := range found {
				if v.Err != nil || v.Domain != "digital.ejemplo.gob.mx" {
					t.Errorf("signature %d: %+v", i, v)
				}
				for _, field := range []string{"From", "Subject", "Message-ID", "To"} {
					if !strings.Contains(strings.ToLower(strings.Join(v.HeaderKeys, " ")), strings.ToLower(field)) {
						t.Errorf("signature %d: %s is not signed: %v", i, field, v.HeaderKeys)
					}
				}
			}
			for was, is := range map[string]string{"[000147/2026]": "[000148/2026]", "computadoras": "tabletas"} {
				for i, v := range verify(t, bytes.Replace(raw, []byte(was), []byte(is), 1), dns) {
					if v.Err == nil {
						t.Errorf("signature %d passes with %s in place of %s", i, is, was)
					}
				}
			}
		})
	}
}

// dkimpy verifies each signature of a mail, and prints a line for each.
const dkimpy = `
import base64, dkim, json, sys
case = json.load(sys.stdin)
raw = base64.b64decode(case["Raw"])
def dns(name, timeout=5):
    selector = name.decode().removesuffix("._domainkey.digital.ejemplo.gob.mx.")
    return case["DNS"][selector].encode()
for i in range(case["Signatures"]):
    try:
        print("passes" if dkim.DKIM(raw).verify(idx=i, dnsfunc=dns) else "fails")
    except dkim.DKIMException as why:
        print("fails:", why)
`

func TestTheSignaturesPassAtAVerifierThatOthersWrote(t *testing.T) {
	python := filepath.Join(filepath.Dir(testbed.Need(t, testbed.Dkimverify)), "python3") // whose library it is
	raw, dns := signedBy(t, "rsa", "ed25519")
	judged := func(raw []byte) string {
		said, err := json.Marshal(map[string]any{"Raw": raw, "DNS": dns, "Signatures": 2})
		if err != nil {
			t.Fatal(err)
		}
		judge := exec.CommandContext(t.Context(), python, "-c", dkimpy)
		judge.Stdin = bytes.NewReader(said)
		out, err := judge.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if got := judged(raw); got != "passes\npasses\n" {
		t.Errorf("as it was sent: %s", got)
	}
	if got := judged(bytes.Replace(raw, []byte("computadoras"), []byte("tabletas"), 1)); strings.Contains(got, "passes") {
		t.Errorf("with another text: %s", got)
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	send(t, tr)
	if got := verify(t, s.All()[0].Raw, nil); len(got) != 0 {
		t.Errorf("%d signatures", len(got))
	}
}

func TestAKeyThatIsNoneIsRefusedWithoutBeingTold(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(short)})
	one := []string{"sidem"}
	if _, err := email.ParseKeys(good, one); err != nil {
		t.Errorf("PKCS #1: %v", err)
	}
	for _, text := range []string{"", "canario", string(good[:200]), strings.Replace(string(good), "MII", "XXX", 1), string(good) + "canario"} {
		if _, err := email.ParseKeys([]byte(text), one); err == nil || strings.Contains(err.Error(), "canario") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	for _, selectors := range [][]string{nil, {"a"}, {"a", "a"}, {"a", "b", "c"}} {
		if _, err := email.ParseKeys(slices.Concat(good, good), selectors); err == nil || !strings.Contains(err.Error(), "selectors") {
			t.Errorf("%q for two keys: %v", selectors, err)
		}
	}
}
