package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM signs mails (RFC 6376). The zero value signs nothing.
type DKIM struct {
	// Domain is that of the sender, Selector the name under which its DNS has the public key.
	Domain, Selector string
	Key              crypto.Signer
}

// minRSA is the shortest key that receivers take (RFC 8301), in bits.
const minRSA = 1024

var errKey = errors.New("dkim: want a private key in PEM, RSA of 1024 bits at least or Ed25519")

// ParseKey reads a private key: PEM, PKCS #8 or PKCS #1. Its error tells nothing
// of what it read.
func ParseKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errKey
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errKey
		}
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() >= minRSA {
			return k, nil
		}
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, errKey
}

// signed are the fields that nobody may change on the way.
var signed = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Auto-Submitted", "List-Id", "List-Unsubscribe",
	// Once more than they stand there: one that is put before ours breaks the
	// signature (RFC 6376 §8.15).
	"From", "Subject", "Reply-To",
}

// sign is a message with its signature before it.
func (d DKIM) sign(message []byte) ([]byte, error) {
	if d.Key == nil {
		return message, nil
	}
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(message), &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: d.Key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign mail: %w", err)
	}
	return out.Bytes(), nil
}
