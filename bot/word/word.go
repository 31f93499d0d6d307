// Package word is the table of the words by which people ask for something, like "/pendientes": who may use each, and which stand in help and menus.
//
// Routing, permission, help, the platforms' menus and the buttons that say a word read it.
package word

import (
	"slices"
	"strings"
	"unicode"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// The words.
const (
	Duties     = "/pendientes"
	Show       = "/solicitud"
	Search     = "/buscar"
	File       = "/nueva"
	Template   = "/plantilla"
	Mine       = "/mis"
	Substitute = "/suplencia"
	Board      = "/tablero"
	Export     = "/exportar"
	HandOver   = "/entrega"
	Program    = "/programa"
	Account    = "/cuenta"
	Agency     = "/dependencia"
	Prefs      = "/preferencias"
	Link       = "/vincular"
	Start      = "/start"
	Unlink     = "/desvincular"
	Who        = "/quien"
	GoOn       = "/seguir"
	Help       = "/ayuda"
)

// New is the arg by which a word that shows lists opens its form instead.
const New = "nueva"

// Word is one row of the table.
type Word struct {
	Name  string
	alias []string
	// By are the roles that may use it; none means everybody.
	By []core.Role
	// Quiet words stand in no help and no menu: buttons say them.
	Quiet bool
}

// All is the table, in the order of menus and help.
var All = []Word{
	{Name: Duties},
	{Name: Show},
	{Name: Search},
	{Name: File, By: []core.Role{core.RoleRequester}},
	{Name: Template, By: []core.Role{core.RoleRequester}},
	{Name: Mine, By: []core.Role{core.RoleRequester, core.RoleExecutive}},
	{Name: Substitute, By: []core.Role{core.RoleSecretary, core.RoleHead}},
	{Name: Board, By: []core.Role{core.RoleHead, core.RoleDirector, core.RoleAdmin, core.RoleAuditor}},
	{Name: Export, By: []core.Role{core.RoleHead, core.RoleDirector, core.RoleAdmin, core.RoleAuditor}},
	{Name: HandOver, By: []core.Role{core.RoleRegistry, core.RoleExecutive}},
	{Name: Program, By: []core.Role{core.RoleRequester, core.RoleAdmin}},
	{Name: Account, By: []core.Role{core.RoleAdmin}},
	{Name: Agency, By: []core.Role{core.RoleAdmin}},
	{Name: Prefs},
	{Name: Link},
	{Name: Start, Quiet: true},
	{Name: Unlink},
	{Name: Who},
	{Name: GoOn, Quiet: true},
	{Name: Help, alias: []string{"/help"}},
}

// Find is the row of a word that somebody wrote, with or without accents.
func Find(text string) (Word, bool) {
	text = unaccented.Replace(text)
	i := slices.IndexFunc(All, func(w Word) bool { return w.Name == text || slices.Contains(w.alias, text) })
	if i < 0 {
		return Word{}, false
	}
	return All[i], true
}

var unaccented = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u")

// May reports whether somebody with roles may use the word.
func (w Word) May(roles []core.Role) bool {
	return len(w.By) == 0 || slices.ContainsFunc(w.By, func(r core.Role) bool { return slices.Contains(roles, r) })
}

// May reports whether somebody with roles may use the word of a name.
func May(name string, roles []core.Role) bool {
	w, ok := Find(name)
	return ok && w.May(roles)
}

// Entry is a word as help and a platform's menu show it: without its slash.
type Entry struct{ Name, Description string }

// Menu is what somebody with roles is shown.
func Menu(roles []core.Role) []Entry {
	var out []Entry
	for _, w := range All {
		if !w.Quiet && w.May(roles) {
			out = append(out, Entry{Name: strings.TrimPrefix(w.Name, "/"), Description: es.Help(w.Name)})
		}
	}
	return out
}

// Spoken is the word that a whole text asks for without its slash, or in other words, if
// somebody with roles may use it.
func Spoken(text string, roles []core.Role) (Word, bool) {
	name := es.SpokenWord(text)
	if name == "" {
		name = "/" + strings.ToLower(strings.Trim(text, " .!¡?¿"))
	}
	w, ok := Find(name)
	if !ok || w.Quiet || !w.May(roles) {
		return Word{}, false
	}
	return w, true
}

// Split is the first word of a text, in lower case, and what follows it.
func Split(text string) (first, rest string) {
	text = strings.TrimSpace(text)
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		text, rest = text[:i], text[i:]
	}
	return strings.ToLower(text), strings.TrimSpace(rest)
}
