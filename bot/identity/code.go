package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// CodeLife is how long a code that links another chat is good.
const CodeLife = 10 * time.Minute

const (
	codeLength = 8  // 39 bits; tries are few and the life is short
	keyLength  = 20 // 100 bits of the hash by which it is kept
)

// codeAlphabet has no letters that are read as digits: no i, l, o, u, 0, 1.
const codeAlphabet = "23456789abcdefghjkmnpqrstvwxyz"

// NewCode makes a random single-use code that links another chat, as people read
// it: "ABCD-EFGH".
func NewCode() string {
	var b [codeLength]byte
	for i := range b {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(codeAlphabet))))
		if err != nil { // crypto/rand never fails
			panic(fmt.Sprintf("identity: random: %v", err))
		}
		b[i] = codeAlphabet[n.Int64()]
	}
	code := strings.ToUpper(string(b[:]))
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// ReadCode is the code that somebody typed, in one form; false when it is none.
// Upper case, spaces and hyphens are forgiven.
func ReadCode(text string) (string, bool) {
	code := strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(strings.TrimSpace(text)))
	if len(code) != codeLength || strings.Trim(code, codeAlphabet) != "" {
		return "", false
	}
	return code, true
}

// CodeKey is under what a code is kept: its hash by the secret key, so that who
// reads the store cannot use it.
func (k Keeper) CodeKey(code string) string { return hash(k.keys()[0], "code", code) }

// CodeKeys are those under which a code may be kept, the present one first.
func (k Keeper) CodeKeys(code string) (out []string) {
	for _, key := range k.keys() {
		out = append(out, hash(key, "code", code))
	}
	return out
}

// PersonKey is under what is kept of a person on a platform who is no account.
func (k Keeper) PersonKey(person string) string { return hash(k.keys()[0], "person", person) }

func hash(key []byte, what, of string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(what + "\x00" + of))
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil))[:keyLength])
}
