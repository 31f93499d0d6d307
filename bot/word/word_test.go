package word_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestEachWordIsFoundByItsNameAndNoOtherHasIt(t *testing.T) {
	form := regexp.MustCompile(`^/[a-z]{3,31}$`) // as Telegram takes commands
	seen := map[string]bool{}
	for _, w := range word.All {
		if seen[w.Name] || !form.MatchString(w.Name) {
			t.Errorf("%q is there twice, or is no command", w.Name)
		}
		seen[w.Name] = true
		if got, ok := word.Find(w.Name); !ok || got.Name != w.Name {
			t.Errorf("%q finds %q", w.Name, got.Name)
		}
		if !w.Quiet && es.Help(w.Name) == "" {
			t.Errorf("help says nothing of %q", w.Name)
		}
	}
	for text, want := range map[string]string{"/pendientés": word.Duties, "/quién": word.Who, "/help": word.Help, "/nada": "", "pendientes": "", "": "", "/": ""} {
		if got, ok := word.Find(text); got.Name != want || ok != (want != "") {
			t.Errorf("%q finds %q, want %q", text, got.Name, want)
		}
	}
}

func TestAWordIsForItsRolesAndTheMenuHasThoseThatOneMayUse(t *testing.T) {
	for _, c := range []struct {
		name string
		role core.Role
		want bool
	}{
		{word.Duties, core.RoleAuditor, true},
		{word.File, core.RoleRequester, true},
		{word.File, core.RoleSecretary, false},
		{word.Template, core.RoleRequester, true},
		{word.Template, core.RoleHead, false},
		{word.HandOver, core.RoleRegistry, true},
		{word.HandOver, core.RoleDirector, false},
		{word.Account, core.RoleAdmin, true},
		{word.Account, core.RoleAuditor, false},
		{"/nada", core.RoleAdmin, false},
	} {
		if got := word.May(c.name, []core.Role{c.role}); got != c.want {
			t.Errorf("%s may use %s: %t", c.role, c.name, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOfDistinct(rapid.SampledFrom(core.Roles), func(r core.Role) core.Role { return r }).Draw(t, "roles")
		var want, got []string
		for _, w := range word.All {
			mine := len(w.By) == 0 || slices.ContainsFunc(roles, func(r core.Role) bool { return slices.Contains(w.By, r) })
			if mine && !w.Quiet {
				want = append(want, strings.TrimPrefix(w.Name, "/"))
			}
			spoken, ok := word.Spoken(strings.ToUpper(strings.TrimPrefix(w.Name, "/"))+".", roles)
			if ok != (mine && !w.Quiet) || ok && spoken.Name != w.Name {
				t.Fatalf("%s with %v: %t, %q", w.Name, roles, ok, spoken.Name)
			}
		}
		for _, e := range word.Menu(roles) {
			got = append(got, e.Name)
		}
		if !slices.Equal(want, got) {
			t.Fatalf("%v are shown %v, want %v", roles, got, want)
		}
	})
}

func TestAWholeTextCanAskForAWordAndAPartOfItCannot(t *testing.T) {
	roles := []core.Role{core.RoleRequester}
	for text, want := range map[string]string{
		"pendientes": word.Duties, "¿Ayuda?": word.Help, "mis solicitudes": word.Mine, "Quién soy": word.Who, "plantilla": word.Template, "nueva": word.File,
		"cuenta": "", "start": "", "seguir": "", "ayuda con esto": "", "la plantilla": "", "": "",
	} {
		if got, ok := word.Spoken(text, roles); got.Name != want || ok != (want != "") {
			t.Errorf("%q asks for %q, want %q", text, got.Name, want)
		}
	}
}

func TestATextIsSplitAfterItsFirstWord(t *testing.T) {
	for text, want := range map[string][2]string{
		" /Solicitud 147/2026 ": {"/solicitud", "147/2026"}, "/buscar\n dos  palabras": {"/buscar", "dos  palabras"}, "/AYUDA": {"/ayuda", ""}, "": {"", ""}, " \t": {"", ""}, "ÁREA x": {"área", "x"},
	} {
		if first, rest := word.Split(text); [2]string{first, rest} != want {
			t.Errorf("%q: %q and %q", text, first, rest)
		}
	}
}
