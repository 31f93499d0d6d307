package card

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Token is what a button or a form brings back. It names a wish; whether it is
// granted the core decides at the moment of the press.
type Token struct {
	Word    string // a verb of the core, or a word of the bot's own
	Record  string
	Version int    // that the person saw; 0 for words that decide nothing
	Arg     string // the value of the verb's first field, where the button carries it
}

// MaxToken is Telegram's limit of callback_data, in bytes (Bot API).
const MaxToken = 64

// ErrToken says that a token is not one of ours, or not this person's.
var ErrToken = errors.New("token: not one that SIDEM gave to this account")

// Sealer makes tokens that nobody else can make, bound to the account that they are shown to.
type Sealer struct{ keys func() [][]byte }

// NewSealer makes a Sealer of a secret key of 32 bytes.
func NewSealer(key []byte) Sealer { return Sealer{func() [][]byte { return [][]byte{key} }} }

// SealerOf makes a Sealer of keys that change: it seals with the first, and opens
// what any of them sealed.
func SealerOf(keys func() [][]byte) Sealer { return Sealer{keys} }

// Points part a token; older keys of agencies, and so the ids of their records, may
// have some.
var dots, undots = strings.NewReplacer(".", "~"), strings.NewReplacer("~", ".")

const macLength = 11 // 64 bits in base64: forged only by 2^63 presses

// Seal is t as text for account: word.record.version.arg.mac, at most MaxToken bytes.
func (s Sealer) Seal(account string, t Token) string {
	body := strings.Join([]string{t.Word, dots.Replace(t.Record), strconv.FormatInt(int64(t.Version), 36), t.Arg}, ".")
	return body + "." + mac(s.keys()[0], account, body)
}

// parts of a token stand before its seal.
const parts = 4

// Hint is the record of which a sealed token speaks, "" for none. Nobody has looked yet at
// whose it is: it may be read, and nothing of it told.
func Hint(text string) string {
	part := strings.SplitN(text, ".", parts+1)
	if len(part) <= parts || len(text) > 4*MaxToken {
		return ""
	}
	return undots.Replace(part[1])
}

// Open is the token that Seal made for the same account; ErrToken.
func (s Sealer) Open(account, text string) (Token, error) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 || len(text) > 4*MaxToken {
		return Token{}, ErrToken
	}
	body := text[:i]
	ours := slices.ContainsFunc(s.keys(), func(key []byte) bool {
		return hmac.Equal([]byte(mac(key, account, body)), []byte(text[i+1:]))
	})
	if !ours {
		return Token{}, ErrToken
	}
	part := strings.SplitN(body, ".", parts)
	if len(part) != parts {
		return Token{}, ErrToken
	}
	version, err := strconv.ParseInt(part[2], 36, 32)
	if err != nil {
		return Token{}, ErrToken
	}
	return Token{Word: part[0], Record: undots.Replace(part[1]), Version: int(version), Arg: part[3]}, nil
}

// linkPrefix begins the payload of a deep link that opens a record for one account.
const linkPrefix = "abrir-"

// wordOpened is the word that such a link is sealed with.
const wordOpened = "opened"

// MaxPayload is the longest payload of a deep link, of A-Z, a-z, 0-9, _ and - (Telegram,
// "Deep linking").
const MaxPayload = 64

// Link is the payload of a deep link that shows record to account, and nothing to anybody
// else; "" for a record that no such link can name.
func (s Sealer) Link(account, record string) string {
	if record == "" || strings.Trim(record, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return ""
	}
	sealed := s.Seal(account, Token{Word: wordOpened, Record: record})
	payload := linkPrefix + record + "-" + sealed[len(sealed)-macLength:]
	if len(payload) > MaxPayload {
		return ""
	}
	return payload
}

// IsLink reports whether a payload looks like one of Link.
func IsLink(payload string) bool { return strings.HasPrefix(payload, linkPrefix) }

// OpenLink is the record that the payload of a deep link shows to account; ErrToken.
func (s Sealer) OpenLink(account, payload string) (record string, err error) {
	body, ours := strings.CutPrefix(payload, linkPrefix)
	at := len(body) - macLength - 1
	if !ours || at < 1 || body[at] != '-' {
		return "", ErrToken
	}
	sealed := strings.Join([]string{wordOpened, body[:at], "0", "", body[at+1:]}, ".")
	t, err := s.Open(account, sealed)
	return t.Record, err
}

func mac(key []byte, account, body string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(account))
	h.Write([]byte{0})
	h.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))[:macLength]
}
