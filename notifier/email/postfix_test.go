package email_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/email"
)

// postfix is a real one, which listens on sockets in a folder: each with settings of
// its own over those that all have.
type postfix struct {
	dir string
	log string
}

// The settings of a relay of an institution, as postconf(5) has them.
var institution = map[string]string{
	"compatibility_level":             "3.6",
	"mail_owner":                      "postfix",
	"setgid_group":                    "postdrop",
	"command_directory":               "/usr/sbin",
	"daemon_directory":                "/usr/lib/postfix/sbin",
	"inet_interfaces":                 "loopback-only",
	"inet_protocols":                  "ipv4",
	"myhostname":                      "relay.ejemplo.gob.mx",
	"mydestination":                   "",
	"local_recipient_maps":            "",
	"mynetworks":                      "127.0.0.0/8",
	"virtual_mailbox_domains":         "ejemplo.gob.mx",
	"virtual_mailbox_maps":            "inline:{ {" + lucia + " = lucia/} {sidem@ejemplo.gob.mx = sidem/} }",
	"virtual_uid_maps":                "static:65534",
	"virtual_gid_maps":                "static:65534",
	"smtpd_peername_lookup":           "no",
	"smtpd_relay_restrictions":        "permit_mynetworks, reject_unauth_destination",
	"smtpd_error_sleep_time":          "0",
	"smtpd_tls_security_level":        "none",
	"smtputf8_enable":                 "no",
	"maillog_file_prefixes":           "/",
	"bounce_queue_lifetime":           "0",
	"message_size_limit":              "20480",
	"virtual_mailbox_limit":           "0",
	"alias_maps":                      "",
	"alias_database":                  "",
	"in_flow_delay":                   "0",
	"anvil_status_update_time":        "600s",
	"smtpd_client_message_rate_limit": "0",
}

// services are those of master.cf(5) that take and deliver mail.
const services = `
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
`

// openPostfix starts a Postfix with one socket for each name, until the test ends.
func openPostfix(t *testing.T, sockets map[string]map[string]string) *postfix {
	t.Helper()
	program := testbed.Need(t, testbed.Postfix)
	if os.Geteuid() != 0 {
		testbed.Lack(t, testbed.Postfix, errors.New("postfix is started by root alone"))
	}
	dir, err := os.MkdirTemp("", "postfix") // the path of a socket has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{dir: dir, log: filepath.Join(dir, "log")}
	for _, sub := range []string{"etc", "queue", "data", "mail"} {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, sub), 0o755), os.Chmod(dir, 0o755)); err != nil { //nolint:gosec // its daemons have users of their own
			t.Fatal(err)
		}
	}
	user, err := exec.CommandContext(t.Context(), "id", "-u", "postfix").Output()
	if err != nil {
		t.Fatal("there is no user postfix: ", err)
	}
	var uid int
	if _, err := fmt.Sscan(string(user), &uid); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chown(filepath.Join(dir, "data"), uid, -1), os.Chown(filepath.Join(dir, "mail"), 65534, 65534)); err != nil {
		t.Fatal(err)
	}
	main := maps.Clone(institution)
	main["queue_directory"], main["data_directory"] = filepath.Join(dir, "queue"), filepath.Join(dir, "data")
	main["virtual_mailbox_base"], main["maillog_file"] = filepath.Join(dir, "mail"), p.log
	var lines, master strings.Builder
	for _, name := range slices.Sorted(maps.Keys(main)) {
		fmt.Fprintf(&lines, "%s = %s\n", name, main[name])
	}
	master.WriteString(services)
	for _, socket := range slices.Sorted(maps.Keys(sockets)) {
		fmt.Fprintf(&master, "%s unix n - n - - smtpd\n", socket)
		for _, name := range slices.Sorted(maps.Keys(sockets[socket])) {
			fmt.Fprintf(&master, "  -o { %s = %s }\n", name, sockets[socket][name])
		}
	}
	for name, text := range map[string]string{"main.cf": lines.String(), "master.cf": master.String()} {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
	}
	run := func(ctx context.Context, verb string) {
		cmd := exec.CommandContext(ctx, program, "-c", filepath.Join(dir, "etc"), verb)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("postfix %s: %v\n%s\n%s", verb, err, out, p.said())
		}
	}
	run(t.Context(), "start")
	t.Cleanup(func() { run(context.WithoutCancel(t.Context()), "abort") })
	return p
}

// said is the log of it.
func (p *postfix) said() string {
	b, _ := os.ReadFile(p.log)
	return string(b)
}

// transport leads to one socket.
func (p *postfix) transport(t *testing.T, socket, helo string) *email.Transport {
	t.Helper()
	tr := email.NewTransport(email.Config{
		Addr: "relay.ejemplo.gob.mx:25", TLS: email.TLSNone, HELO: helo, Timeout: time.Minute,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(p.dir, "queue", "public", socket))
		},
	})
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// mails are those that were delivered to a mailbox.
func (p *postfix) mails(t *testing.T, mailbox string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.dir, "mail", mailbox, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range found {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(body))
	}
	return out
}

// verdicts are what a Postfix that is set so says of a mail, and whose it is, as in refusals.
var verdicts = map[string]struct {
	set      map[string]string
	helo, to string
	heavy    bool
	whose    string
}{
	"takes":     {whose: "sent"},
	"nobody":    {to: "nadie@ejemplo.gob.mx", whose: "theirs"},
	"elsewhere": {set: map[string]string{"smtpd_relay_restrictions": "reject_unauth_destination"}, to: "raul@otra.example", whose: "relaying"},
	"defers":    {set: map[string]string{"smtpd_relay_restrictions": "defer_unauth_destination"}, to: "raul@otra.example", whose: "relaying"},
	"login":     {set: map[string]string{"smtpd_sender_restrictions": "reject_sender_login_mismatch", "smtpd_sender_login_maps": "inline:{ sidem@ejemplo.gob.mx=otra }", "smtpd_sasl_auth_enable": "yes"}, whose: "sender"},
	"sender":    {set: map[string]string{"smtpd_sender_restrictions": "check_sender_access inline:{ {sidem@ejemplo.gob.mx = REJECT} }"}, whose: "sender"},
	"unlisted":  {set: map[string]string{"smtpd_reject_unlisted_sender": "yes", "virtual_mailbox_maps": "inline:{ " + lucia + "=lucia/ }"}, whose: "sender"},
	"helo":      {set: map[string]string{"smtpd_helo_restrictions": "reject_non_fqdn_helo_hostname"}, helo: "sidem", whose: "greeting"},
	"hello":     {set: map[string]string{"smtpd_helo_restrictions": "check_helo_access inline:{ {sidem.test = REJECT} }"}, whose: "greeting"},
	"client":    {set: map[string]string{"smtpd_client_restrictions": "reject"}, whose: "client"},
	"greeting":  {set: map[string]string{"smtpd_client_restrictions": "reject", "smtpd_delay_reject": "no"}, whose: "client"},
	"access":    {set: map[string]string{"smtpd_recipient_restrictions": "reject"}, whose: "unclear"},
	"closed":    {set: map[string]string{"smtpd_recipient_restrictions": "check_recipient_access inline:{ {" + lucia + " = 550 5.2.1 Mailbox disabled} }"}, whose: "theirs"},
	"grey":      {set: map[string]string{"smtpd_recipient_restrictions": "check_recipient_access inline:{ {" + lucia + " = DEFER_IF_PERMIT Greylisted} }"}, whose: "retry"},
	"later":     {set: map[string]string{"smtpd_recipient_restrictions": "check_recipient_access inline:{ {" + lucia + " = 450 4.2.0 Come back} }"}, whose: "retry"},
	"heavy":     {heavy: true, whose: "theirs"},
	"data":      {set: map[string]string{"smtpd_data_restrictions": "reject"}, whose: "unclear"},
	"content":   {set: map[string]string{"smtpd_end_of_data_restrictions": "reject"}, whose: "unclear"},
	"auth":      {set: map[string]string{"smtpd_client_restrictions": "reject_plaintext_session"}, whose: "login"},
}

func TestWhatARealPostfixSaysIsLaidAtTheRightDoor(t *testing.T) {
	sockets := map[string]map[string]string{}
	for name, v := range verdicts {
		sockets[name] = v.set
	}
	p := openPostfix(t, sockets)
	for name, v := range verdicts {
		t.Run(name, func(t *testing.T) {
			m := message(t, cmp.Or(v.to, lucia))
			if v.heavy {
				m.AddAlternativeString(mail.TypeTextHTML, strings.Repeat("<p>Un renglón que pesa.</p>", 1000))
			}
			_, err := p.transport(t, name, cmp.Or(v.helo, "sidem.test")).Send(t.Context(), m)
			got := kind(err)
			switch got {
			case "permanent":
				got = "theirs"
			case "config":
				got = outbox.Reason(err)
			}
			if got != v.whose {
				t.Errorf("it is %s, want %s: %v\n%s", got, v.whose, err, p.said())
			}
		})
	}
	testbed.Await(t, time.Minute, "one mail is delivered", func() bool { return len(p.mails(t, "lucia")) == 1 })
	if got := p.mails(t, "lucia")[0]; !strings.Contains(got, "Message-ID: <147.1@ejemplo.gob.mx>") || !strings.Contains(got, "\n.Una l=C3=ADnea con punto.\n") {
		t.Errorf("what was delivered is not what was sent:\n%s", got)
	}
}
