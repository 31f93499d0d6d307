package slack

import (
	"fmt"
	"testing"
	"time"

	"sidem/bot"
)

// queued is a job of one person, and what its envelope was acknowledged with.
func queued(n int, patience time.Duration) (j job, acks chan any) {
	acks = make(chan any, 2)
	return job{
		incoming: incoming{Kind: kindMessage, Input: &bot.Input{Who: "U1", Once: fmt.Sprintf("sl:%d", n)}},
		ack:      newAcknowledgement(patience, func(payload any) { acks <- payload }, nil),
	}, acks
}

func TestWhatHasNotBegunAtTheEndIsLeftUnlessItWasAcknowledged(t *testing.T) {
	began, goOn := make(chan string), make(chan struct{})
	d := newDispatcher(func(j job) {
		began <- j.Input.Once
		<-goOn
		j.ack.give(nil)
	}, nil)
	a, ackA := queued(1, time.Minute)
	b, ackB := queued(2, time.Minute)
	c, ackC := queued(3, time.Millisecond)
	for _, j := range []job{a, b, c} {
		if !d.accept(j) {
			t.Fatal("not taken")
		}
	}
	if got := receive(t, began); got != "sl:1" {
		t.Fatal(got)
	}
	receive(t, ackC)
	d.close()
	close(goOn)
	if got := receive(t, began); got != "sl:3" {
		t.Errorf("%s was begun", got)
	}
	d.wg.Wait()
	receive(t, ackA)
	if len(ackB) > 0 || len(ackC) > 0 {
		t.Error("acknowledged once more than it should")
	}
	if late, _ := queued(4, time.Minute); d.accept(late) {
		t.Error("taken after the end")
	}
}

func TestOnePersonCannotFillTheMemory(t *testing.T) {
	began, goOn := make(chan struct{}, maxWaiting+1), make(chan struct{})
	d := newDispatcher(func(job) {
		began <- struct{}{}
		<-goOn
	}, nil)
	first, _ := queued(0, time.Minute)
	d.accept(first)
	receive(t, began)
	taken := 0
	for n := range 2 * maxWaiting {
		if j, _ := queued(n+1, time.Minute); d.accept(j) {
			taken++
		}
	}
	if taken != maxWaiting {
		t.Errorf("%d wait", taken)
	}
	close(goOn)
	d.wg.Wait()
}

func TestOnlyTheLastActsAreRemembered(t *testing.T) {
	d := newDispatcher(func(job) {}, nil)
	for n := range remembered + 10 {
		j, _ := queued(n, time.Minute)
		d.remember(j)
	}
	if len(d.done) != remembered || len(d.history) != remembered {
		t.Error(len(d.done), len(d.history))
	}
}

func TestAnEnvelopeIsAcknowledgedOnce(t *testing.T) {
	j, acks := queued(1, time.Minute)
	if !j.ack.give("first") || j.ack.give("second") || j.ack.drop() || len(acks) != 1 {
		t.Error("given twice")
	}
	j, acks = queued(2, time.Minute)
	if !j.ack.drop() || j.ack.give(nil) || len(acks) != 0 {
		t.Error("given after it was dropped")
	}
}
