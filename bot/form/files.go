package form

import (
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// files are those of the form, wherever its questions stand. The words under them answer
// the open question or are the note; where they are neither, that is said.
func (s step) files(d Draft, e Files) (Draft, Effect) {
	q, asks := d.Asks(s.form)
	text, lost := strings.TrimSpace(e.Caption), ""
	if text != "" {
		lost = es.Say(es.CaptionLost)
	}
	switch {
	case e.Problem != "" && len(e.Kept) == 0:
		return d.refusing(lines(e.Problem, lost)), Effect{Do: Ask}
	case asks && len(e.Items) > 0 && q.Spec.Type == core.TypeLines:
		a := Answer{Items: e.Items}
		note := lines(e.Note, vanished(present(q, d), a))
		d = d.with(q.Field, a)
		d.Last = q.Field
		return d.telling(lines(note, lost), "")(s.given(d, q))
	case asks && e.Pass != "":
		return d.telling(lost, "")(s.words(d, Words{Text: e.Pass}))
	}
	i := uploads(s.form)
	if i < 0 || len(e.Kept) == 0 {
		return d.refusing(lines(es.Say(es.NoFileNow), lost)), Effect{Do: Ask}
	}
	d = d.adding(s.form.Questions[i].Field, e.Kept)
	said := ""
	if e.Problem != "" { // of several files, which are kept, and why the others are not
		said = lines(es.FilesHere(names(e.Kept)), e.Problem)
	}
	elsewhere := asks && q.Spec.Type != core.TypeUpload
	switch {
	case text == "" && said == "" && elsewhere:
		return d.saying(es.FilesKept(names(e.Kept))), Effect{Do: Ask}
	case text == "":
		return d.saying(said), Effect{Do: Ask}
	case elsewhere:
		return d.telling(said, lost)(s.words(d, Words{Text: text}))
	default:
		return d.telling(said, lost)(s.caption(d, text, false), Effect{Do: Ask})
	}
}

// telling has what an act led to say more, before its own problem. Where nothing is asked
// after the act that could not be read: d stays open instead, and what is lost of the act
// is said too.
func (d Draft) telling(said, lost string) func(Draft, Effect) (Draft, Effect) {
	return func(next Draft, effect Effect) (Draft, Effect) {
		switch {
		case said == "":
			return next, effect
		case effect.Do != Ask:
			return d.saying(lines(said, lost)), Effect{Do: Ask}
		}
		return next.saying(lines(said, next.Problem)), effect
	}
}

// lines are those that are not empty.
func lines(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), "\n")
}

// caption has the words under files be the note that the form takes, if it takes one and
// has none; below an earlier one, where that is wanted.
func (s step) caption(d Draft, text string, below bool) Draft {
	for _, q := range s.form.Questions {
		before := d.Answers[q.Field].Value
		if q.Field != core.FieldNote && q.Field != core.FieldAnswer || before != "" && !below {
			continue
		}
		if before != "" && before != text {
			text = before + "\n" + text
		}
		a, no := read(q, text, s.now)
		if no != nil {
			return d.saying(es.Refuse(no, "", s.now))
		}
		a.From = s.act.From
		return d.with(q.Field, a)
	}
	return d.saying(es.Say(es.CaptionNotKept))
}

// Holding is d with files that came before it was begun, and the words under them.
func Holding(d Draft, f card.Form, files []core.Attachment, caption string, now time.Time) Draft {
	i := uploads(f)
	if i < 0 {
		return d
	}
	d = d.adding(f.Questions[i].Field, files)
	if caption = strings.TrimSpace(caption); caption != "" {
		d = step{form: f, now: now}.caption(d, caption, true)
	}
	return d
}

// adding is d with more files.
func (d Draft) adding(f core.Field, files []core.Attachment) Draft {
	a := d.Answers[f]
	a.Files = slices.Clone(a.Files)
	for _, file := range files {
		if !slices.Contains(a.Files, file) { // sent twice, it is one
			a.Files = append(a.Files, file)
		}
	}
	return d.with(f, a)
}

// uploads is the number of the question that takes files; -1 for none.
func uploads(f card.Form) int {
	return slices.IndexFunc(f.Questions, func(q card.Question) bool { return q.Spec.Type == core.TypeUpload })
}

// names are the names of files.
func names(files []core.Attachment) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}
