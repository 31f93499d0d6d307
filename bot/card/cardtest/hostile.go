package cardtest

import (
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// Nasty is text that no renderer may take at its word: markup of HTML, of mrkdwn
// and of JSON, mentions, links, line breaks, control and bidi characters, broken
// UTF-8, and 10,000 characters more.
var Nasty = "<b>x</b></blockquote>&lt;&amp; *negrita* _cursiva_ ~no~ `x` ```y``` > cita\n\n\n• lista " +
	"@todos @here <!channel> <!here> <@U00000001> <#C1|general> <https://malo.example|Banco> [x](https://malo.example) " +
	"\x00\x07\x1b[31m\r\n\u2028\u2029\u0085 \u202e\u2066\u2067\u2069\u200f\u200b\ufeff \xff\xfe {\"a\":1} =cmd|' /C calc'!A0 " +
	strings.Repeat("Ñandú ", 10_000/6)

// Hostile is the scene with Nasty in every text that a person may have typed;
// what is chosen from a closed set, and what SIDEM gives, stays.
func Hostile(s core.Scene) core.Scene {
	s.Record = hostileRecord(s.Record)
	s.Viewer = hostileRecord(s.Viewer)
	s.Actor.Name = Nasty
	s.Actor.Principals = slices.Clone(s.Actor.Principals)
	for i := range s.Actor.Principals {
		s.Actor.Principals[i].Name = Nasty
	}
	s.Agency = Nasty
	s.Requester, s.Executive = hostilePerson(s.Requester), hostilePerson(s.Executive)
	s.Turn = hostilePeople(s.Turn)
	choices := map[core.Field][]core.Person{}
	for f, people := range s.Choices {
		choices[f] = hostilePeople(people)
	}
	s.Choices = choices
	s.Trail = slices.Clone(s.Trail)
	for i, e := range s.Trail {
		e.ByName, e.Fields, e.Files, e.Items = Nasty, hostileFields(e.Fields), hostileFiles(e.Files), hostileItems(e.Items)
		if e.ForName != "" {
			e.ForName = Nasty
		}
		s.Trail[i] = e
	}
	return s
}

func hostileRecord(r core.Record) core.Record {
	r.Fields, r.Files, r.Items = hostileFields(r.Fields), hostileFiles(r.Files), hostileItems(r.Items)
	r.Acts = maps.Clone(r.Acts)
	for v, a := range r.Acts {
		r.Acts[v] = hostileAct(a)
	}
	r.Observations, r.Calls, r.Comments = slices.Clone(r.Observations), slices.Clone(r.Calls), slices.Clone(r.Comments)
	for i, o := range r.Observations {
		o.Missing, o.Deliver, o.By, o.Files = Nasty, Nasty, hostileAct(o.By), hostileFiles(o.Files)
		if o.Answer != "" {
			o.Answer = Nasty
		}
		r.Observations[i] = o
	}
	for i, c := range r.Calls {
		c.Note, c.By = Nasty, hostileAct(c.By)
		r.Calls[i] = c
	}
	for i, c := range r.Comments {
		r.Comments[i] = core.Remark{Text: Nasty, By: hostileAct(c.By)}
	}
	return r
}

func hostileFields(in map[core.Field]string) map[core.Field]string {
	out := maps.Clone(in)
	for f := range out {
		switch core.Specs[f].Type {
		case core.TypeText, core.TypeLong, core.TypeMail, core.TypePhone:
			out[f] = Nasty
		case core.TypeDate, core.TypeClock, core.TypeMoney, core.TypeDigits, core.TypeKey, core.TypeChoice, core.TypeChoices, core.TypePerson, core.TypeLines, core.TypeUpload:
		}
	}
	return out
}

func hostileAct(a core.Act) core.Act {
	a.Name = Nasty
	if a.ForName != "" {
		a.ForName = Nasty
	}
	return a
}

func hostileFiles(in []core.Attachment) []core.Attachment {
	out := slices.Clone(in)
	for i := range out {
		out[i].Name = Nasty
	}
	return out
}

func hostileItems(in []core.Item) []core.Item {
	out := slices.Clone(in)
	for i := range out {
		out[i].Description, out[i].Unit, out[i].Features = Nasty, Nasty, Nasty
	}
	return out
}

func hostilePerson(p core.Person) core.Person {
	if p.Account == "" {
		return p
	}
	p.Name, p.Post, p.Phone, p.Extension = Nasty, Nasty, Nasty, Nasty
	return p
}

func hostilePeople(in []core.Person) []core.Person {
	out := slices.Clone(in)
	for i := range out {
		out[i] = hostilePerson(out[i])
	}
	return out
}
