package email_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// unsure keeps each of the first mails and hangs up instead of saying so.
func unsure(times int) func(*emailtest.Phase) *emailtest.Fault {
	return func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.Dot || times == 0 {
			return nil
		}
		times--
		return &emailtest.Fault{Drop: true, After: true}
	}
}

func TestAMailThatMayHaveArrivedIsTriedAgainByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := startBubble(t, 1, unsure(3))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		b.count(t, map[outbox.State]int{outbox.Sent: 1})
		all := b.relay.All()
		if len(all) != 4 {
			t.Fatalf("%d copies", len(all))
		}
		for _, m := range all[1:] {
			if !bytes.Equal(m.Raw, all[0].Raw) {
				t.Errorf("another mail:\n%s\nthan\n%s", m.Raw, all[0].Raw)
			}
		}
		b.end(t)
	})
}

// again is an item after one attempt.
func again(it outbox.Item, receipt string, err error) outbox.Item {
	it.Attempts = append(it.Attempts, outbox.Attempt{Outcome: outbox.WillRetry, Receipt: receipt, Note: err.Error()})
	return it
}

func TestOtherWordsHaveAnotherName(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	s.Intercept(unsure(2))
	filed, released := scenes()["request/filed/raul.ortega"], scenes()["request/received/tomas.aguilar"]
	released.Viewer, released.Record.ID = filed.Viewer, filed.Record.ID
	it := item(filed, core.MailTurn)
	receipt, err := channel(filed, tr).Send(t.Context(), it)
	if kind(err) != "uncertain" {
		t.Fatal(err)
	}
	it = again(it, receipt, err)
	// What is true by then is another thing, and its answer is lost too.
	receipt, err = channel(released, tr).Send(t.Context(), it)
	if kind(err) != "uncertain" || !strings.Contains(err.Error(), "other words were offered before") {
		t.Fatal(err)
	}
	it = again(it, receipt, err)
	if _, err := channel(released, tr).Send(t.Context(), it); err != nil {
		t.Fatal(err)
	}
	all := s.All()
	if len(all) != 3 || all[0].MessageID == all[1].MessageID || !bytes.Equal(all[1].Raw, all[2].Raw) {
		t.Fatalf("%d mails: %s, %s", len(all), all[0].MessageID, all[1].MessageID)
	}
	if all[0].Subject == all[1].Subject || all[0].InReplyTo != all[1].InReplyTo {
		t.Errorf("%q and %q, in reply to %s and %s", all[0].Subject, all[1].Subject, all[0].InReplyTo, all[1].InReplyTo)
	}
}

func TestTheQRCodeOfAWelcomeIsTheSameOnEveryAttempt(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	scene := scenes()["account/active/lucia.herrera"]
	for range 2 {
		if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailWelcome)); err != nil {
			t.Fatal(err)
		}
	}
	if all := s.All(); !bytes.Equal(all[0].Raw, all[1].Raw) || len(all[0].Attachments) != 1 {
		t.Errorf("%s\nthen\n%s", all[0].Raw, all[1].Raw)
	}
}
