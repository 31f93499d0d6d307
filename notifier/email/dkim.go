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
	"slices"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM signs mails (RFC 6376). The zero value signs nothing.
type DKIM struct {
	// Domain is that of the sender.
	Domain string
	// Keys sign each mail, each by itself: RSA for every receiver, Ed25519 for those
	// that know it (RFC 8463 §3 asks for both).
	Keys []Key
}

// Key is a private key, and the name under which the DNS of the domain has its public half.
type Key struct {
	Selector string
	Signer   crypto.Signer
}

// minRSA is the shortest key that receivers take (RFC 8301), in bits.
const minRSA = 1024

var (
	errKey       = errors.New("dkim: want a private key in PEM, RSA of 1024 bits at least or Ed25519")
	errSelectors = errors.New("dkim: want as many selectors, each another, as keys")
)

// ParseKeys reads private keys, one PEM block after the other, PKCS #8 or PKCS #1, for
// selectors in the same order. Its errors tell nothing of what it read.
func ParseKeys(text []byte, selectors []string) ([]Key, error) {
	var keys []Key
	for rest := bytes.TrimSpace(text); len(rest) > 0 || len(keys) == 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errKey
		}
		signer, err := parseKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		keys = append(keys, Key{Signer: signer})
	}
	if len(slices.Compact(slices.Sorted(slices.Values(selectors)))) != len(keys) || len(selectors) != len(keys) {
		return nil, fmt.Errorf("%w: there are %d keys and the selectors %q", errSelectors, len(keys), selectors)
	}
	for i := range keys {
		keys[i].Selector = selectors[i]
	}
	return keys, nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
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

// sign is a message with its signatures before it.
func (d DKIM) sign(message []byte) ([]byte, error) {
	for _, key := range slices.Backward(d.Keys) {
		var out bytes.Buffer
		err := dkim.Sign(&out, bytes.NewReader(message), &dkim.SignOptions{
			Domain: d.Domain, Selector: key.Selector, Signer: key.Signer, HeaderKeys: signed,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			return nil, fmt.Errorf("sign mail: %w", err)
		}
		message = out.Bytes()
	}
	return message, nil
}
