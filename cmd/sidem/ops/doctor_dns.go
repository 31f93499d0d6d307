package ops

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/notifier/email"
)

// Resolver answers questions to the DNS, as net.Resolver does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// dnsTime bounds what the DNS is waited for, in all.
const dnsTime = 5 * time.Second

// signature asks the DNS whether it has what verifies the signatures of mails, and what receivers
// think of a sender without (SPF, DMARC): that is advice. Who signs nothing is not asked about.
func (x *examination) signature(ctx context.Context) (string, error) {
	if x.cfg.SMTPAddr == "" || x.cfg.DKIMKey == "" {
		return "", errUntold
	}
	from, err := x.cfg.Sender()
	if err != nil {
		return "", errUntold // by the check of the configuration
	}
	keys, err := app.SigningKeys(x.cfg)
	if err != nil {
		return "", errUntold
	}
	ctx, cancel := context.WithTimeout(ctx, dnsTime)
	defer cancel()
	says := []string{}
	for _, k := range keys {
		place := k.Place(from.Domain())
		records, err := x.texts(ctx, place)
		if err != nil {
			return "no se pudo preguntar al DNS por " + place + "; revíselo desde otra máquina", nil
		}
		if !slices.ContainsFunc(records, k.IsPublishedBy) {
			return "", unpublished(k, place, len(records) > 0)
		}
		says = append(says, place+" tiene la clave con que se firma")
	}
	return strings.Join(append(says, x.senderAdvice(ctx, from.Domain())...), "; "), nil
}

// unpublished is the fault of a key that the DNS does not have, or has another in the place of.
func unpublished(k email.Key, place string, another bool) error {
	record, err := k.Record()
	if err != nil {
		return err
	}
	why := fmt.Errorf("el DNS no tiene %s: quien reciba los correos no puede verificar su firma", place)
	if another {
		why = fmt.Errorf("el DNS tiene en %s otra clave que la de SIDEM_DKIM_KEY: quien reciba los correos da la firma por falsa", place)
	}
	return advised{why, "Pida a quien administra el DNS este registro TXT en " + place + ": " + record}
}

// senderAdvice is what the DNS lacks of a sender's domain, with what to ask for.
func (x *examination) senderAdvice(ctx context.Context, domain string) (out []string) {
	for _, a := range []struct {
		name, begins, ask string
		places            []string
	}{
		{"SPF", "v=spf1", "un registro TXT en " + domain + " con las direcciones del servidor de correo, como: v=spf1 mx -all", []string{domain}},
		{"DMARC", "v=DMARC1", "un registro TXT en _dmarc." + domain + ", como: v=DMARC1; p=quarantine; rua=mailto:postmaster@" + domain, above(domain)},
	} {
		there, asked := false, true
		for _, place := range a.places {
			records, err := x.texts(ctx, place)
			asked = asked && err == nil
			there = there || slices.ContainsFunc(records, func(r string) bool { return strings.HasPrefix(r, a.begins) })
		}
		switch {
		case there:
			out = append(out, a.name+" está")
		case asked:
			out = append(out, "falta "+a.name+", conviene pedir "+a.ask)
		}
	}
	return out
}

// above are the places where the policy of a domain may stand: its own, or that of a domain
// above it (RFC 7489 §6.6.3 asks the organization's, which is one of these).
func above(domain string) (out []string) {
	for rest, more := domain, true; more && strings.Contains(rest, "."); _, rest, more = strings.Cut(rest, ".") {
		out = append(out, "_dmarc."+rest)
	}
	return out
}

// texts are the TXT records of a name; none where the DNS says that there is none.
func (x *examination) texts(ctx context.Context, name string) ([]string, error) {
	records, err := x.dns.LookupTXT(ctx, name)
	if no, ok := errors.AsType[*net.DNSError](err); ok && no.IsNotFound {
		return nil, nil
	}
	return records, err
}
