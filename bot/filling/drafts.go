package filling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core/desk"
)

// A person has one form whose questions are open, and any number that were set aside:
// all are kept under their account, whichever chat they are written in.

// draftLife is how long an unfinished form waits: as long as a draft (process, states).
const draftLife = 30 * 24 * time.Hour

// errMoved says that a form was changed while it was being worked on: it is looked at anew.
var errMoved = errors.New("the form has moved on")

// How the keys of forms begin; "kept:" and "talk:" are of when chats had forms.
const (
	openPrefix  = "form:"
	asidePrefix = "kept:"
	chatPrefix  = "talk:"
	sentPrefix  = "sent:"
)

// DraftKeys are how the keys of the sessions begin under which forms hold files.
var DraftKeys = []string{openPrefix, asidePrefix, chatPrefix}

func (forms *Forms) openKey() string { return openPrefix + forms.Account.ID }

// asideKey is that of a form set aside.
func (forms *Forms) asideKey(id string) string { return asidePrefix + forms.Account.ID + ":" + id }

// sentKey is that of a form that was sent from one screen while another was open, or none:
// it may stand on a second screen still.
func (forms *Forms) sentKey(id string) string { return sentPrefix + forms.Account.ID + ":" + id }

// draftAt is the form under a key, and its revision; the zero Draft for none.
func (forms *Forms) draftAt(ctx context.Context, key string) (form.Draft, int, error) {
	body, rev, err := forms.Sessions.Get(ctx, key, forms.Now)
	if errors.Is(err, desk.ErrNotFound) {
		return form.Draft{}, 0, nil
	}
	if err != nil {
		return form.Draft{}, 0, fmt.Errorf("load a form: %w", err)
	}
	var d form.Draft
	if err := json.Unmarshal(body, &d); err != nil {
		return form.Draft{}, 0, fmt.Errorf("load a form: %w", err)
	}
	return d, rev, nil
}

// saveDraft keeps d under a key at revision rev; errMoved where that is not so any more.
func (forms *Forms) saveDraft(ctx context.Context, key string, d form.Draft, rev int) (int, error) {
	if d.Agency == "" && d.Record == "" && d.Open() {
		d.Agency = forms.Account.Agency
	}
	body, err := json.Marshal(d)
	if err != nil {
		return 0, fmt.Errorf("write a form: %w", err)
	}
	rev, err = forms.Sessions.Put(ctx, key, body, rev, forms.Now, forms.Now.Add(draftLife))
	if errors.Is(err, desk.ErrConflict) {
		return 0, errMoved
	}
	if err != nil {
		return 0, fmt.Errorf("save a form: %w", err)
	}
	if key == forms.openKey() {
		forms.followElsewhere(ctx, d)
	}
	return rev, nil
}

// openDraft is the person's open form, and its revision.
func (forms *Forms) openDraft(ctx context.Context) (form.Draft, int, error) {
	d, rev, err := forms.draftAt(ctx, forms.openKey())
	if err != nil || rev > 0 {
		return d, rev, err
	}
	return forms.adopt(ctx)
}

// adopt takes over the form that was kept for a chat of the person, when forms belonged
// to chats. It is looked for once: that there was none is kept too.
func (forms *Forms) adopt(ctx context.Context) (form.Draft, int, error) {
	var open form.Draft
	var keys []string
	for _, l := range forms.Account.Links {
		key := chatPrefix + l.Platform + ":" + l.ID
		d, rev, err := forms.draftAt(ctx, key)
		if err != nil {
			return form.Draft{}, 0, err
		}
		if rev == 0 {
			continue
		}
		keys = append(keys, key)
		d.Chats = []string{l.Platform}
		switch {
		case !open.Open():
			open = d
		case d.Touched():
			if err := forms.putAside(ctx, d); err != nil {
				return form.Draft{}, 0, err
			}
		}
	}
	rev, err := forms.saveDraft(ctx, forms.openKey(), open, 0)
	if errors.Is(err, errMoved) { // by another input of the same person
		return forms.draftAt(ctx, forms.openKey())
	}
	if err != nil {
		return form.Draft{}, 0, err
	}
	for _, key := range keys {
		if err := forms.Sessions.Delete(ctx, key); err != nil {
			return form.Draft{}, 0, fmt.Errorf("take over a form: %w", err)
		}
	}
	return open, rev, nil
}

// putAside keeps a form among the person's unfinished ones. The same form twice is one.
func (forms *Forms) putAside(ctx context.Context, d form.Draft) error {
	d = d.Kept()
	key := forms.asideKey(d.ID)
	for {
		_, rev, err := forms.draftAt(ctx, key)
		if err != nil {
			return err
		}
		if _, err := forms.saveDraft(ctx, key, d, rev); !errors.Is(err, errMoved) {
			return err
		}
	}
}

// dropAside lets go of a form that was set aside, if there is one with the id.
func (forms *Forms) dropAside(ctx context.Context, id string) error {
	if err := forms.Sessions.Delete(ctx, forms.asideKey(id)); err != nil {
		return fmt.Errorf("let go of a form: %w", err)
	}
	return nil
}

// maxAside is how many unfinished forms are shown, and looked through.
const maxAside = 20

// draftsAside are the forms that were set aside.
func (forms *Forms) draftsAside(ctx context.Context) ([]form.Draft, error) {
	prefix := forms.asideKey("")
	keys, err := forms.Sessions.Keys(ctx, prefix, "", maxAside, forms.Now)
	if err != nil {
		return nil, fmt.Errorf("list the forms set aside: %w", err)
	}
	var out []form.Draft
	for _, key := range keys {
		d, rev, err := forms.draftAt(ctx, key)
		if err != nil {
			return nil, err
		}
		if rev > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

// draftLike is the person's unfinished form that asks for the same as d, if there is one.
func (forms *Forms) draftLike(ctx context.Context, d form.Draft) (form.Draft, bool, error) {
	open, _, err := forms.openDraft(ctx)
	if err != nil {
		return form.Draft{}, false, err
	}
	if open.Open() && open.Same(d) && !forms.isFormers(open) {
		return open, true, nil
	}
	aside, err := forms.draftsAside(ctx)
	if err != nil {
		return form.Draft{}, false, err
	}
	for _, o := range aside {
		if o.Same(d) && !forms.isFormers(o) {
			return o, true, nil
		}
	}
	return form.Draft{}, false, nil
}
