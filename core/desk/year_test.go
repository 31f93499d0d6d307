package desk_test

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// year is a simulated one: people do what they owe, soon or late, at any hour,
// and what SIDEM owes them is handled when it is due. No channel is asked: what
// would be sent is judged.
type year struct {
	t     *testing.T
	desk  *desk.Desk
	store *memory
	rng   *rand.Rand
	now   time.Time
	zone  *time.Location
	todo  acts

	people   map[core.Role][]string // accounts; of an agency's roles by agency too
	agencies []string

	sent           map[string]int // by key
	mornings       map[string]int // digests, reminders and boards by "account/day"
	duties         map[string]int // messages that came for a duty, by "account/record/duty/turn"
	messages, moot int
}

// act is something that a person will do.
type act struct {
	at     time.Time
	record string
	duty   core.DutyName
}

type acts []act

func (a acts) Len() int           { return len(a) }
func (a acts) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a acts) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *acts) Push(x any)        { *a = append(*a, x.(act)) }
func (a *acts) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

// off are the days off of the year, as the test knows them.
var off = []string{"2026-01-01", "2026-02-02", "2026-03-02", "2026-03-16", "2026-05-01", "2026-09-16", "2026-11-02", "2026-11-16", "2026-12-25"}

// dark are spans in which SIDEM is switched off: a week, and a weekend.
var dark = [][2]string{{"2026-03-18", "2026-03-25"}, {"2026-08-14", "2026-08-17"}}

// TestAYearInWhichNobodyIsForgottenOrPestered simulates a year: a thousand
// requests by default, SIDEM_YEAR of them otherwise (make year: ten thousand).
func TestAYearInWhichNobodyIsForgottenOrPestered(t *testing.T) {
	n := 1000
	if s := os.Getenv("SIDEM_YEAR"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	y := newYear(t)
	y.run(n)
	t.Logf("%d requests: %d events, %d items, %d messages, %d moot", n, len(y.store.log), len(y.store.all), y.messages, y.moot)
	if y.messages < 10*n {
		t.Errorf("only %d messages were sent for %d requests", y.messages, n)
	}
	y.settle()
	report, err := y.desk.Audit(t.Context())
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("audit: %v %v", report.Faults[:min(5, len(report.Faults))], err)
	}
	for _, it := range y.store.all {
		if it.State == outbox.Live && !it.Due.After(y.now) {
			t.Fatalf("%s is still owed since %s", it.Key, it.Due)
		}
	}
}

func newYear(t *testing.T) *year {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	days := map[core.Day]string{}
	for _, s := range off {
		d, err := core.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		days[d] = s
	}
	y := &year{
		t: t, store: newMemory(), rng: rand.New(rand.NewPCG(147, 2026)), zone: zone, now: time.Date(2026, 1, 1, 0, 0, 0, 0, zone),
		people: map[core.Role][]string{}, sent: map[string]int{}, mornings: map[string]int{}, duties: map[string]int{},
	}
	y.desk = &desk.Desk{
		Ledger: y.store, Sessions: y.store, Now: func() time.Time { return y.now },
		Office: core.Office{Calendar: core.NewCalendar(zone, days, 2026), Targets: core.DefaultTargets, GateWarns: true},
	}
	for i := range 12 {
		agency := fmt.Sprintf("A%02d", i)
		y.agencies = append(y.agencies, agency)
		y.do(admin, "", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: agency, core.FieldName: "Dependencia " + agency}})
		y.account(core.RoleRequester, agency)
		y.account(core.RoleRequester, agency)
		y.account(core.RoleSecretary, agency)
	}
	for role, n := range map[core.Role]int{core.RoleRegistry: 2, core.RoleHead: 1, core.RoleDirector: 1, core.RoleAdmin: 1, core.RoleExecutive: 10} {
		for range n {
			y.account(role, "")
		}
	}
	return y
}

var admin = core.Actor{Account: "root", Name: "Root", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}

// account makes an account; every third has no chat.
func (y *year) account(role core.Role, agency string) {
	n := len(y.store.records)
	name := fmt.Sprintf("Persona %d", n)
	r := y.do(admin, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Fields: map[core.Field]string{
		core.FieldName: name, core.FieldPost: "Cargo", core.FieldEmail: fmt.Sprintf("p%d@ejemplo.gob.mx", n), core.FieldPhone: "7225550100",
		core.FieldProfile: string(role), core.FieldLetterNumber: "DG/1/2026", core.FieldLetterDate: "2025-12-01", core.FieldAgency: agency,
	}})
	y.do(admin, r.ID, core.Command{Verb: core.VerbGrant})
	if n%3 != 0 {
		y.do(admin, r.ID, core.Command{Verb: core.VerbLink, Fields: map[core.Field]string{core.FieldPlatform: "telegram", core.FieldChat: strconv.Itoa(n)}})
	}
	y.people[role] = append(y.people[role], r.ID)
	if agency != "" {
		y.people[role+core.Role(agency)] = append(y.people[role+core.Role(agency)], r.ID)
	}
}

func (y *year) do(a core.Actor, id string, c core.Command) core.Record {
	y.t.Helper()
	c.Where = "cli"
	out, err := y.desk.Do(y.t.Context(), a, id, c)
	if err != nil || out.Refusal != nil {
		y.t.Fatalf("%s %s on %s at %s: %v %v", a.Account, c.Verb, id, y.now, err, out.Refusal)
	}
	return out.Record
}

func (y *year) actor(id string) core.Actor {
	r := y.store.records[id]
	return core.ActorOf(r, nil)
}

// run lets n requests be filed and lives through the year.
func (y *year) run(n int) {
	ticks, err := notifier.NewTicks(y.store, y.desk.Clock,
		notifier.Tick{Name: "digest", Spec: "0 6 * * *", Do: y.owe(y.desk.Digests)},
		notifier.Tick{Name: "weekly", Spec: "0 9 * * 1", Do: y.owe(y.desk.Weeklies)})
	if err != nil {
		y.t.Fatal(err)
	}
	if err := ticks.Plan(y.t.Context()); err != nil {
		y.t.Fatal(err)
	}
	begin := y.now
	for range n {
		at := begin.Add(time.Duration(y.rng.Int64N(int64(330 * 24 * time.Hour))))
		heap.Push(&y.todo, act{at: at})
	}
	end := time.Date(2026, 12, 31, 23, 0, 0, 0, y.zone)
	evening := time.Date(2026, 1, 1, 18, 0, 0, 0, y.zone)
	for {
		next := evening
		if len(y.todo) > 0 && y.todo[0].at.Before(next) {
			next = y.todo[0].at
		}
		if len(y.store.queue) > 0 && y.store.queue[0].Due.Before(next) {
			next = y.store.queue[0].Due
		}
		if next.After(end) {
			return
		}
		if next.After(y.now) {
			y.now = y.awake(next)
		}
		switch {
		case len(y.store.queue) > 0 && !y.store.queue[0].Due.After(y.now):
			y.handle(heap.Pop(&y.store.queue).(*outbox.Item), ticks)
		case len(y.todo) > 0 && !y.todo[0].at.After(y.now):
			y.act(heap.Pop(&y.todo).(act))
		}
		if !y.now.Before(evening) {
			y.judge(core.DateOf(evening))
			evening = evening.AddDate(0, 0, 1)
		}
	}
}

// awake is t, or when SIDEM is switched on again.
func (y *year) awake(t time.Time) time.Time {
	for _, span := range dark {
		if day := t.In(y.zone).Format(time.DateOnly); day >= span[0] && day < span[1] {
			on, _ := time.ParseInLocation(time.DateTime, span[1]+" 11:00:00", y.zone)
			return on
		}
	}
	return t
}

func (y *year) owe(items func(context.Context, core.Day) ([]outbox.Item, error)) func(context.Context, time.Time) error {
	return func(ctx context.Context, day time.Time) error {
		all, err := items(ctx, core.DateOf(day))
		y.store.put(all)
		return err
	}
}
