package email

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// Place is where the DNS has what verifies a key's signatures for a domain (RFC 6376 §3.6.2.1).
func (k Key) Place(domain string) string { return k.Selector + "._domainkey." + domain }

// Record is what the DNS has to have there (RFC 6376 §3.6.1, RFC 8463 §4).
func (k Key) Record() (string, error) {
	switch public := k.Signer.Public().(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), nil
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return "", fmt.Errorf("dkim: %w", err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
	}
	return "", errKey
}

// IsPublishedBy reports whether a record of the DNS verifies what the key signs. Its tags may stand in
// any order, and a key may be broken by blanks.
func (k Key) IsPublishedBy(record string) bool {
	there, kind := "", "rsa"
	for tag := range strings.SplitSeq(record, ";") {
		switch name, value, _ := strings.Cut(tag, "="); strings.TrimSpace(name) {
		case "p":
			there = strings.Join(strings.Fields(value), "")
		case "k":
			kind = strings.TrimSpace(value)
		case "v":
			if strings.TrimSpace(value) != "DKIM1" {
				return false
			}
		}
	}
	public, err := base64.StdEncoding.DecodeString(there)
	if err != nil || len(public) == 0 { // without one the key was revoked
		return false
	}
	switch own := k.Signer.Public().(type) {
	case ed25519.PublicKey:
		return kind == "ed25519" && bytes.Equal(own, public)
	case *rsa.PublicKey:
		if kind != "rsa" {
			return false
		}
		if key, err := x509.ParsePKIXPublicKey(public); err == nil {
			return own.Equal(key)
		}
		key, err := x509.ParsePKCS1PublicKey(public) // as RFC 6376 itself has it
		return err == nil && own.Equal(key)
	}
	return false
}
