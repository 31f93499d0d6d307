package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage/archive"
)

// of is the snapshot of some lines.
func of(all ...archive.Line) export.Snapshot {
	return func(each func(archive.Line) error) error {
		for _, l := range all {
			if err := each(l); err != nil {
				return err
			}
		}
		return nil
	}
}

// filed are the lines of a request that was filed at an instant: an event, the record, an
// item, and the place of its card.
func filed(id string, at time.Time) []archive.Line {
	r := core.Record{Kind: core.KindRequest, ID: id, Number: id, State: core.StateFiled, Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia", At: at}}}
	e := core.Event{Kind: core.KindRequest, Record: id, Verb: core.VerbFile, At: at}
	place := archive.Session{Key: "card:" + id + ":lucia:telegram", Value: []byte(`{"ref":{"chat":"7","message":"11"},"version":2,"buttons":3,"old":[{"ref":{"chat":"7","message":"9"}}]}`)}
	return []archive.Line{{Event: &e}, {Record: &r}, {Item: &outbox.Item{ID: "i-" + id, Key: "mail:" + id, Record: id}}, {Session: &place}}
}

// office is one of Mexico City.
func office(t *testing.T) core.Office {
	t.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	return core.Office{Calendar: core.NewCalendar(zone, nil)}
}

// written are the lines of an export, each by its type and what it is of.
func written(t *testing.T, s export.Snapshot, p core.Period) (names []string, text string) {
	t.Helper()
	var out bytes.Buffer
	if _, err := export.Write(t.Context(), &out, s, export.Options{Format: export.JSONL, Period: p, Office: office(t), At: testbed.Monday}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var v struct{ Type, ID, Record, Message string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if v.Type != "meta" && v.Type != "end" {
			names = append(names, strings.TrimSpace(v.Type+" "+v.Record+v.ID+" "+v.Message))
		}
	}
	return names, out.String()
}

func TestAPeriodHasTheRequestsThatWereFiledInItAndTheDirectory(t *testing.T) {
	lucia := core.Record{Kind: core.KindAccount, ID: "lucia"}
	program := core.Record{Kind: core.KindProgram, ID: "program-ie-2026"}
	var all []archive.Line
	for id, at := range map[string]time.Time{
		"before": time.Date(2026, 11, 23, 5, 59, 0, 0, time.UTC), // the 22nd in Mexico City
		"first":  time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC),
		"last":   time.Date(2026, 11, 25, 5, 59, 0, 0, time.UTC),
		"after":  time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC),
	} {
		all = append(all, filed(id, at)...)
	}
	draft := core.Record{Kind: core.KindRequest, ID: "draft", State: core.StateDraft}
	tick := outbox.Item{ID: "tick", Key: "tick:digest"}
	all = append(all, archive.Line{Record: &lucia}, archive.Line{Record: &program}, archive.Line{Record: &draft}, archive.Line{Item: &tick})
	day := func(d int) core.Day { return core.Day{Year: 2026, Month: 11, Day: d} }
	for name, c := range map[string]struct {
		period core.Period
		want   []string
	}{
		"two days":  {core.Period{From: day(23), To: day(24)}, []string{"first", "last"}},
		"from one":  {core.Period{From: day(24)}, []string{"last", "after"}},
		"up to one": {core.Period{To: day(22)}, []string{"before"}},
	} {
		got, _ := written(t, of(all...), c.period)
		want := []string{"account lucia", "record program-ie-2026"}
		for _, id := range c.want {
			want = append(want, "event "+id, "record "+id, "item "+id+"i-"+id, "card "+id+" 11", "card "+id+" 9")
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, _ := written(t, of(all...), core.Period{}); len(got) != 4*5+4 {
		t.Errorf("without a period: %q", got)
	}
}

func TestWhatHandsAnOpinionOverAndWhatIsOfTheMomentIsNotExported(t *testing.T) {
	const code = "483920"
	r := core.Record{Kind: core.KindRequest, ID: "r1", Head: "abc", Fields: map[core.Field]string{core.FieldPickupCode: code, core.FieldSubject: "Cable"}}
	issued := core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbIssue, Fields: map[core.Field]string{core.FieldPickupCode: code}, Salt: "grain", Hash: "f00d"}
	tried := core.Event{
		Kind: core.KindRequest, Record: "r1", Verb: core.VerbHandOver, Fields: map[core.Field]string{core.FieldShown: code}, Salt: "grain", Hash: "cafe",
		Refusal: &core.Refusal{Reason: core.WrongCode, Field: core.FieldShown, Value: code},
	}
	old := core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbIssue, Fields: map[core.Field]string{core.FieldPickupCode: code}, Hash: "bad1"}
	_, text := written(t, of(archive.Line{Record: &r}, archive.Line{Event: &issued}, archive.Line{Event: &tried}, archive.Line{Event: &old},
		archive.Line{Session: &archive.Session{Key: "secret:key", Value: []byte("sesame")}},
		archive.Line{Number: &archive.Number{Series: "number:2026", Record: "r1", Value: 1}}), core.Period{})
	for _, out := range []string{code, "grain", "sesame", "secret", "bad1", "abc"} {
		if strings.Contains(text, out) {
			t.Errorf("it says %q: %s", out, text)
		}
	}
	for _, in := range []string{"Cable", "f00d", "cafe", `"verdict":"refused"`, `"verdict":"applied"`, "wrong_code"} {
		if !strings.Contains(text, in) {
			t.Errorf("it does not say %q: %s", in, text)
		}
	}
	if r.Fields[core.FieldPickupCode] != code || issued.Salt != "grain" || tried.Refusal.Value != code {
		t.Error("what was given was changed")
	}
}

// crowd is a store of n requests, made one by one as they are read, each with a text of
// some size.
func crowd(n, size int) export.Snapshot {
	return func(each func(archive.Line) error) error {
		chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
		for i := range n {
			text := make([]byte, size)
			for j := range text {
				text[j] = byte('a' + chance.IntN(26))
			}
			for _, l := range filed(fmt.Sprintf("%06d/2026", i+1), testbed.Monday) {
				if l.Record != nil {
					l.Record.Fields = map[core.Field]string{core.FieldJustification: string(text)}
				}
				if err := each(l); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// last measures what is held when the export is about to end.
type last struct {
	bytes int
	held  uint64
}

func (w *last) Write(p []byte) (int, error) {
	if w.bytes += len(p); bytes.Contains(p, []byte(`{"type":"end"`)) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.held = m.HeapAlloc
	}
	return len(p), nil
}

func TestAnExportHoldsLittleOfALargeStore(t *testing.T) {
	measure := func(n int) *last {
		w := &last{}
		o := export.Options{Format: export.JSONL, Office: office(t), At: testbed.Monday, Period: core.Period{From: core.Day{Year: 2026, Month: 1, Day: 1}}}
		count, err := export.Write(t.Context(), w, crowd(n, 500), o)
		if err != nil || count.Records != n || count.Cards != 2*n {
			t.Fatal(count, err)
		}
		return w
	}
	few, many := measure(100), measure(10_000)
	if grown := int64(many.held) - int64(few.held); many.bytes < 12<<20 || few.held == 0 || grown > 3<<20 {
		t.Errorf("of %d MB it held %d KB more than of %d KB", many.bytes>>20, grown>>10, few.bytes>>10)
	}
}

func TestAWorkbookHasASheetForEachKindWithNamesInThePlaceOfIds(t *testing.T) {
	all := filed("r1", testbed.Monday)
	r := all[1].Record
	r.Agency, r.Number = "IE", "000147/2026"
	r.Fields = map[core.Field]string{core.FieldSubject: "=1+1", core.FieldExecutive: "mariana", core.FieldAmount: "503440.00"}
	r.Items = []core.Item{{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza"}}
	r.Observations = []core.Observation{{N: 1, Section: "annexes", Missing: "Está vencida.", By: core.Act{Name: "Mariana Ríos", At: testbed.Monday}}}
	no := core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbRelease, At: testbed.Monday, Refusal: &core.Refusal{Reason: core.OwnRequest, Verb: core.VerbRelease}}
	all = append([]archive.Line{{Event: &no}}, all...)
	for _, r := range []core.Record{
		{Kind: core.KindAgency, ID: "agency-ie", Agency: "IE", State: core.StateRegistered, Fields: map[core.Field]string{core.FieldName: "Instituto de Ejemplo"}},
		{Kind: core.KindAccount, ID: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}, Fields: map[core.Field]string{core.FieldName: "Lucía Herrera"}},
		{Kind: core.KindAccount, ID: "mariana", Fields: map[core.Field]string{core.FieldName: "Mariana Ríos"}},
	} {
		all = append(all, archive.Line{Record: &r})
	}
	var out bytes.Buffer
	o := export.Options{Format: export.XLSX, Period: core.Period{From: core.DateOf(testbed.Monday)}, Office: office(t), At: testbed.Monday}
	if _, err := export.Write(t.Context(), &out, of(all...), o); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows := map[string]int{}
	text := map[string]string{}
	for _, name := range f.GetSheetList() {
		all, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		rows[name] = len(all) - 1
		for _, row := range all {
			text[name] += strings.Join(row, "|") + "\n"
		}
	}
	want := map[string]int{"Acerca de": 9, "Solicitudes": 1, "Renglones": 1, "Observaciones": 1, "Bitácora": 2, "Avisos": 1, "Tarjetas": 2, "Cuentas": 2, "Dependencias y programas": 1}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for sheet, says := range map[string][]string{
		"Acerca de":     {"Solicitudes presentadas|desde el ", "Bitácora|2 filas"},
		"Solicitudes":   {"000147/2026|Por liberar|", "|Instituto de Ejemplo|", "|=1+1|", "|Mariana Ríos|", "|503,440.00|"},
		"Renglones":     {"000147/2026|1|Computadora|20|pieza"},
		"Observaciones": {"000147/2026|O-1|Anexos|Está vencida."},
		"Bitácora":      {"000147/2026", "No procedió: ", "Presentó"},
		"Avisos":        {"|000147/2026|"},
		"Tarjetas":      {"000147/2026|Lucía Herrera|Telegram|7|11|Sí|3", "|9|No|0"},
		"Cuentas":       {"|Lucía Herrera|", "|Solicitante de dictamen técnico|Instituto de Ejemplo"},
	} {
		for _, part := range says {
			if !strings.Contains(text[sheet], part) {
				t.Errorf("%s does not say %q:\n%s", sheet, part, text[sheet])
			}
		}
	}
	if head, _, _ := strings.Cut(text["Solicitudes"], "\n"); strings.Contains(head, "||") || !strings.HasPrefix(head, "Número|Estado|En ese estado desde|Dependencia|Unidad|Solicita|") {
		t.Errorf("heads: %s", head)
	}
}

// spying looks into a folder when something is first written to it.
type spying struct {
	dir   string
	bytes int
	saw   []os.DirEntry
	err   error
}

func (s *spying) Write(p []byte) (int, error) {
	if s.bytes == 0 {
		s.saw, s.err = os.ReadDir(s.dir)
	}
	s.bytes += len(p)
	return len(p), nil
}

func TestALargeWorkbookIsKeptInFilesUntilItIsWritten(t *testing.T) {
	w := &spying{dir: t.TempDir()}
	t.Setenv("TMPDIR", w.dir)
	o := export.Options{Format: export.XLSX, Office: office(t), At: testbed.Monday}
	if _, err := export.Write(t.Context(), w, crowd(6_000, 3_000), o); err != nil || w.bytes == 0 {
		t.Fatal(w.bytes, err)
	}
	if w.err != nil || len(w.saw) == 0 {
		t.Errorf("all of it was in memory: %v, %v", w.saw, w.err)
	}
	if left, err := os.ReadDir(w.dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnExportTellsHowFarItIsAndThatNobodyTakesIt(t *testing.T) {
	var told []int
	o := export.Options{Format: export.JSONL, Office: office(t), At: testbed.Monday, Progress: func(n int) { told = append(told, n) }}
	if _, err := export.Write(t.Context(), io.Discard, crowd(10_000, 10), o); err != nil || !slices.Equal(told, []int{20_000, 40_000}) {
		t.Errorf("%v, %v", told, err)
	}
	if _, err := export.Write(t.Context(), brokenPipe{}, crowd(1000, 10), o); err == nil {
		t.Error("that nobody reads it was not noticed")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
