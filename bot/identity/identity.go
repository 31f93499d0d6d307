// Package identity makes and checks the one-time passwords by which a person links the first chat to an account.
package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Life is how long a one-time password is good after it was granted or renewed (guide, step 2).
const Life = core.PasswordLife

// The errors of Check.
var (
	ErrWrong   = errors.New("identity: wrong password")
	ErrExpired = errors.New("identity: the password has expired")
	ErrUsed    = errors.New("identity: the password was used, or died with a link or a suspension")
)

// Keeper derives passwords from a secret key, the account and the grant: no
// password is kept anywhere, and a renewal makes the one before worthless.
type Keeper struct{ keys func() [][]byte }

// NewKeeper makes a Keeper of a secret key of 32 bytes.
func NewKeeper(key []byte) Keeper { return Keeper{func() [][]byte { return [][]byte{key} }} }

// KeeperOf makes a Keeper of keys that change: it makes passwords and codes with the
// first, and knows again what any of them made.
func KeeperOf(keys func() [][]byte) Keeper { return Keeper{keys} }

const letters = "23456789abcdefghjkmnpqrstuvwxyz0"

var alphabet = base32.NewEncoding(letters).WithPadding(base32.NoPadding)

const length = 10 // 50 bits; tries are few

// MaxSecret is the longest that a password or a code is, in letters as they are typed.
const MaxSecret = length

// Password is the account's present one-time password: ten letters and digits.
func (k Keeper) Password(account core.Record) string { return password(k.keys()[0], account) }

func password(key []byte, account core.Record) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("otp\x00" + account.ID + "\x00" + strconv.Itoa(granted(account).Version)))
	return alphabet.EncodeToString(h.Sum(nil))[:length]
}

// IsPassword reports whether a text has the form of a one-time password.
func IsPassword(text string) bool {
	text = plain(text)
	return len(text) == length && strings.Trim(text, letters) == ""
}

// plain is a password as it is compared: upper case and spaces are forgiven.
func plain(text string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
}

// Link is the payload of a deep link (Telegram's ?start=, at most 64 of
// A-Z a-z 0-9 _ -): the account and its password.
func (k Keeper) Link(account core.Record) string { return account.ID + "-" + k.Password(account) }

// Split is the account id and the password of a payload that Link made.
func Split(payload string) (account, password string, ok bool) {
	i := strings.LastIndexByte(payload, '-')
	if i < 1 || len(payload) > 64 {
		return "", "", false
	}
	return payload[:i], payload[i+1:], true
}

// Check judges a password that somebody gave for the account: ErrWrong,
// ErrExpired or ErrUsed. Upper case and spaces are forgiven.
func (k Keeper) Check(account core.Record, text string, now time.Time) error {
	given := plain(text)
	right := slices.ContainsFunc(k.keys(), func(key []byte) bool {
		return hmac.Equal([]byte(given), []byte(password(key, account)))
	})
	if !right {
		return ErrWrong
	}
	grant := granted(account)
	if !account.Unspent(grant.Version) {
		return ErrUsed
	}
	if now.After(grant.At.Add(Life)) {
		return ErrExpired
	}
	return nil
}

// Proof is the version of the account at which its present password was made.
func Proof(account core.Record) int { return granted(account).Version }

// granted is the act that made the present password.
func granted(account core.Record) core.Act {
	grant := account.Acts[core.VerbGrant]
	if renew := account.Acts[core.VerbRenew]; renew.Version > grant.Version {
		return renew
	}
	return grant
}
