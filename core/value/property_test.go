package value_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core/value"
)

// same fails unless a printed value is read as itself.
func same[V comparable](t *rapid.T, v V, printed string, parse func(string) (V, error)) {
	t.Helper()
	back, err := parse(printed)
	if err != nil || back != v {
		t.Fatalf("%v is shown as %q and read as %v, %v", v, printed, back, err)
	}
}

func dates() *rapid.Generator[value.Date] {
	return rapid.Custom(func(t *rapid.T) value.Date {
		first := time.Date(value.FirstYear, 1, 1, 0, 0, 0, 0, time.UTC)
		last := time.Date(value.LastYear, 12, 31, 0, 0, 0, 0, time.UTC)
		y, m, d := first.AddDate(0, 0, rapid.IntRange(0, int(last.Sub(first).Hours()/24)).Draw(t, "day")).Date()
		return value.Date{Year: y, Month: m, Day: d}
	})
}

func amounts() *rapid.Generator[value.Money] {
	return rapid.Map(rapid.Int64Range(0, value.MaxMoney*100), value.Centavos)
}

func quantities() *rapid.Generator[value.Quantity] {
	return rapid.Custom(func(t *rapid.T) value.Quantity {
		whole := rapid.OneOf(rapid.Int64Range(0, 1500), rapid.Int64Range(0, value.MaxQuantity-1)).Draw(t, "whole")
		fraction := rapid.StringMatching(`[0-9]{0,6}`).Draw(t, "fraction")
		q, err := value.ParseQuantity(strings.TrimSuffix(json.Number(itoa(whole)+"."+fraction+strings.Repeat("0", max(0, 4-len(fraction)))).String(), "."))
		if err != nil {
			return value.Units(1)
		}
		return q
	})
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

// texts are words with everything that separates or quotes parts of a renglón.
func texts(most int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abñé ;,.\"“”«»'\t\n\r12$\u00a0\u202e\u0301")), 0, most, -1)
}

func items() *rapid.Generator[value.Item] {
	return rapid.Custom(func(t *rapid.T) value.Item {
		it := value.Item{
			Description: value.Line(texts(60).Draw(t, "description")), Quantity: quantities().Draw(t, "quantity"),
			Unit: value.Line(texts(12).Draw(t, "unit")) + "a", Features: value.Text(texts(60).Draw(t, "features")), Price: amounts().Draw(t, "price"),
		}
		if it.Description == "" {
			it.Description = "x"
		}
		return it
	})
}

func TestWhatIsPrintedIsReadAsTheSameValue(t *testing.T) {
	today := value.Date{Year: 2026, Month: 11, Day: 23}
	for name, property := range map[string]func(*rapid.T){
		"money": func(t *rapid.T) {
			m := amounts().Draw(t, "amount")
			same(t, m, m.String(), value.ParseMoney)
			same(t, m, m.Stored(), value.ParseMoney)
			same(t, m, es(m), value.ParseMoney)
			if back, ok := value.StoredMoney(m.Stored()); !ok || back != m {
				t.Fatalf("%s is stored as %s and read as %s", m, m.Stored(), back)
			}
		},
		"quantity": func(t *rapid.T) {
			q := quantities().Draw(t, "quantity")
			same(t, q, q.String(), value.ParseQuantity)
		},
		"date": func(t *rapid.T) {
			d := dates().Draw(t, "date")
			parse := func(s string) (value.Date, error) { return value.ParseDate(s, today) }
			same(t, d, d.String(), parse)
			same(t, d, d.Stored(), parse)
			if back, ok := value.StoredDate(d.Stored()); !ok || back != d {
				t.Fatalf("%s is stored as %s and read as %s", d, d.Stored(), back)
			}
		},
		"hour": func(t *rapid.T) {
			h := value.Hour(rapid.IntRange(0, 24*60-1).Draw(t, "minute"))
			same(t, h, h.String(), func(s string) (value.Hour, error) { return value.ParseHour(s, 0) })
			if back, ok := value.StoredHour(h.Stored()); !ok || back != h {
				t.Fatalf("%s is stored as %s and read as %s", h, h.Stored(), back)
			}
		},
		"item": func(t *rapid.T) {
			it := items().Draw(t, "item")
			same(t, it, it.String(), value.ParseItem)
		},
		"items": func(t *rapid.T) {
			all := rapid.SliceOfN(items(), 1, 5).Draw(t, "items")
			back, err := value.ParseItems(value.PrintItems(all))
			if err != nil || len(back) != len(all) {
				t.Fatalf("%q: %v, %v", value.PrintItems(all), back, err)
			}
			for i := range all {
				if back[i] != all[i] {
					t.Fatalf("%q is read as %+v, want %+v", value.PrintItems(all), back[i], all[i])
				}
			}
		},
		"text": func(t *rapid.T) {
			s := rapid.String().Draw(t, "text")
			if l := value.Line(s); value.Line(l) != l {
				t.Fatalf("%q: %q, then %q", s, l, value.Line(l))
			}
			if l := value.Text(s); value.Text(l) != l {
				t.Fatalf("%q: %q, then %q", s, l, value.Text(l))
			}
		},
	} {
		t.Run(name, rapid.MakeCheck(property))
	}
}

// es is an amount as the cards show it.
func es(m value.Money) string { return "$ " + m.String() + " MXN" }

// A float64 that a trail was sealed with is written again in the same bytes: those
// that older versions read from texts, and any other.
// A reader suggests, and asks, only what may have been meant: the figures are those that
// were typed, and it takes a separator away only between groups of three, or where a comma
// before them may be one of several that was meant.
func TestWhatIsSuggestedOfANumberIsAReadingOfIt(t *testing.T) {
	figures := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s), "0")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[1-9][0-9]{0,6}([ ,.][0-9]{1,4}){0,2}`).Draw(t, "text")
		var offered []string
		for _, err := range []error{second(value.ParseMoney(text)), second(value.ParseQuantity(text))} {
			if no, is := errors.AsType[*value.Invalid](err); is && no.Suggest != "" {
				offered = append(offered, no.Suggest)
			}
			if asked, is := errors.AsType[*value.Ambiguous](err); is {
				offered = append(offered, asked.Readings...)
			}
		}
		whole := func(s string) int { i := strings.IndexByte(s+".", '.'); return len(figures(s[:i] + "1")) }
		for _, s := range offered {
			if figures(s) != figures(text) {
				t.Errorf("%q of %q has other figures", s, text)
			}
			if i := strings.IndexByte(text, '.'); i > 3 && !strings.ContainsAny(text[i+1:], ",.") && whole(s) != whole(strings.NewReplacer(",", "", " ", "").Replace(text)) {
				t.Errorf("%q of %q has its point elsewhere", s, text)
			}
			if _, err := value.ParseMoney(s); err != nil {
				if _, err := value.ParseQuantity(s); err != nil {
					t.Errorf("%q, suggested for %q, is not read: %v", s, text, err)
				}
			}
		}
	})
}

func second[V any](_ V, err error) error { return err }

func TestANumberOfAnOldTrailKeepsItsBytes(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, f float64) {
		want, err := json.Marshal(f)
		if err != nil || math.Signbit(f) {
			return // never stored: a negative zero of an optional price was left out
		}
		var m value.Money
		if err := json.Unmarshal(want, &m); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if got, err := json.Marshal(m); err != nil || string(got) != string(want) {
			t.Fatalf("%s is written as %s, %v", want, got, err)
		}
	}
	for _, f := range []float64{0, 1, 20, 12.5, 18500, 18500.5, 18500.55, 1000000, 1e12, 1e9, 1.2345, 0.1, 0.3, 0.1 + 0.2, 1e-6, 1e-7, 123456.789e-12, 5e-324, 1e20, 1e21, math.MaxFloat64, 1.0 / 3} {
		check(t, f)
	}
	t.Run("any", rapid.MakeCheck(func(t *rapid.T) { check(t, rapid.Float64().Draw(t, "number")) }))
	t.Run("amount", rapid.MakeCheck(func(t *rapid.T) { check(t, float64(rapid.Int64Range(0, 1e14).Draw(t, "centavos"))/100) }))
}

func TestARenglonIsStoredInTheBytesOfOlderVersions(t *testing.T) {
	const old = `{"description":"Cable \u003c2\u003e","quantity":12.5,"unit":"metro","features":"UTP","price":1.2345}`
	const bare = `{"description":"Cable","quantity":0.3333333333333333,"unit":"metro"}`
	for _, body := range []string{old, bare} {
		var it value.Item
		if err := json.Unmarshal([]byte(body), &it); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(it); err != nil || string(got) != body {
			t.Errorf("%s is written as %s, %v", body, got, err)
		}
	}
}

// steady fails where an accepted text changes its value by being shown and sent
// back, or where a reading that was offered is not accepted as itself.
func steady[V comparable](t *testing.T, text string, parse func(string) (V, error), printed func(V) string) {
	t.Helper()
	v, err := parse(text)
	if item, ok := errors.AsType[*value.ItemError](err); ok { // what is suggested is for the part
		if item.Err == nil {
			t.Errorf("%q: an error that says nothing", text)
		}
		return
	}
	if asked, ok := errors.AsType[*value.Ambiguous](err); ok {
		if len(asked.Readings) == 0 {
			t.Errorf("%q is asked about with %q", text, asked.Readings)
		}
		for _, r := range asked.Readings {
			if back, err := parse(r); err != nil || printed(back) != r {
				t.Errorf("%q is asked about with %q, which is read as %v, %v", text, r, back, err)
			}
		}
		return
	}
	if no, ok := errors.AsType[*value.Invalid](err); ok {
		if no.Suggest == "" {
			return
		}
		if back, err := parse(no.Suggest); err != nil || printed(back) != no.Suggest {
			t.Errorf("for %q %q is suggested, which is read as %v, %v", text, no.Suggest, back, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%q: an error of another kind: %v", text, err)
		return
	}
	if back, err := parse(printed(v)); err != nil || back != v {
		t.Errorf("%q is read as %v, shown as %q and read as %v, %v", text, v, printed(v), back, err)
	}
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"18500,50", "1.234", "$ 503,440.00 MXN", "1'234,567.89", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, value.ParseMoney, value.Money.String) })
}

func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"12,5", "1.234", "0.125", "1,234.125", "NaN"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, value.ParseQuantity, value.Quantity.String) })
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"23/11/2026", "11/12", "lunes 23 de noviembre de 2026", "11/23/2026", "29/02", "hoy"} {
		f.Add(s)
	}
	parse := func(s string) (value.Date, error) {
		return value.ParseDate(s, value.Date{Year: 2026, Month: 11, Day: 23})
	}
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, parse, value.Date.String) })
}

func FuzzHour(f *testing.F) {
	for _, s := range []string{"10:05 hrs", "1:30", "12 pm", "9 a. m.", "1005"} {
		f.Add(s)
	}
	parse := func(s string) (value.Hour, error) { return value.ParseHour(s, 600) }
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, parse, value.Hour.String) })
}

func FuzzMail(f *testing.F) {
	for _, s := range []string{"raul@ejemplo,gob.mx", "contacto@educación.gob.mx", "Raúl <raul@x.mx>", "a@b.mx c@d.mx", "a@xn--educacin-13a.mx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		steady(t, s, value.ParseMail, value.Mail.String)
		m, err := value.ParseMail(s)
		if err != nil {
			return
		}
		if i := strings.IndexFunc(m.ASCII(), func(r rune) bool { return r > '~' || r <= ' ' }); i >= 0 {
			t.Errorf("%q goes over the wire as %q", s, m.ASCII())
		}
		if back, err := value.ParseMail(m.ASCII()); err != nil || back != m {
			t.Errorf("%q goes over the wire as %q, which is %v, %v", s, m.ASCII(), back, err)
		}
	})
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"+52 722 555 0100 ext. 12", "(55) 1234-5678", "+1 202 555 0100", "raul@x.mx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, value.ParsePhone, value.Phone.String) })
}

func FuzzDigits(f *testing.F) {
	f.Add("51 51")
	f.Fuzz(func(t *testing.T, s string) {
		parse := func(s string) (string, error) { return value.ParseDigits(s, 4, 4) }
		steady(t, s, parse, func(s string) string { return s })
	})
}

func FuzzAgencyID(f *testing.F) {
	for _, s := range []string{"ie", "S.C.T.", "Secretaría de Finanzas", "ñandú"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { steady(t, s, value.ParseAgencyID, value.AgencyID.String) })
}

func FuzzChoice(f *testing.F) {
	for _, s := range []string{"héctor", "Ana Ruiz", "a3"} {
		f.Add(s)
	}
	label := func(v string) string {
		for _, o := range people {
			if o.Value == v {
				return o.Label
			}
		}
		return ""
	}
	f.Fuzz(func(t *testing.T, s string) {
		steady(t, s, func(s string) (string, error) { return value.ParseChoice(s, people) }, label)
	})
}

func FuzzItem(f *testing.F) {
	for _, s := range []string{"Cable; cat 6; 20; pieza; 95", `"a; b"; 1; c; 2; "d` + "\n" + `e"`, "A\t1\tb", "\"a\n\"b\"; 1; c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		steady(t, s, value.ParseItem, value.Item.String)
		all, err := value.ParseItems(s)
		if err != nil {
			return
		}
		back, err := value.ParseItems(value.PrintItems(all))
		if err != nil || value.PrintItems(back) != value.PrintItems(all) || len(back) != len(all) {
			t.Errorf("%q is shown as %q and read as %q, %v", s, value.PrintItems(all), value.PrintItems(back), err)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("o\u200b\u0301\r\n\r\n b ")
	f.Fuzz(func(t *testing.T, s string) {
		if l := value.Line(s); value.Line(l) != l || strings.ContainsAny(l, "\n\t\u202e") {
			t.Errorf("%q is kept as %q, then as %q", s, l, value.Line(l))
		}
		if l := value.Text(s); value.Text(l) != l {
			t.Errorf("%q is kept as %q, then as %q", s, l, value.Text(l))
		}
	})
}
