package stage

import (
	"context"
	"fmt"

	"sidem.gob.mx/sidem/cmd/sidem/demo/fault"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// fault makes something go wrong, or ends it.
func (s *Stage) fault(ctx context.Context, c page.Control) error {
	if c.Name == fault.Kill {
		return s.restart(ctx, (*world.Child).Kill, func() {})
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch c.Name {
	case fault.Twice:
		p, ok := s.w.People[c.Person]
		if !ok {
			return page.ErrNotFound
		}
		client, err := s.w.Client(c.Person, firstChat(p))
		if err != nil {
			return err
		}
		if err := client.Again(); err != nil {
			return page.NothingYet
		}
	case fault.Block:
		if !c.On {
			for id := range s.w.People {
				if s.faults.IsBlocked(s.w.People[id].TelegramID) {
					s.faults.Block(s.w.People[id], false)
				}
			}
			return nil
		}
		p, ok := s.w.People[c.Person]
		if !ok {
			return page.ErrNotFound
		}
		s.faults.Block(p, true)
	case fault.Slow, fault.Limit, fault.Broken, fault.Outage, fault.Mail4, fault.Mail5:
		s.faults.Set(c.Name, c.On)
	default:
		return fmt.Errorf("fault %q: unknown", c.Name)
	}
	return nil
}

// list are the faults as they stand.
func (s *Stage) list() []page.Fault {
	var out []page.Fault
	for _, f := range page.Faults {
		f.On, f.Hits = s.faults.State(f.Name)
		for _, key := range cast {
			p := s.w.People[key]
			choice := page.Choice{Key: key, Name: p.Account.Name}
			switch {
			case f.Name == fault.Twice:
				f.Whom = append(f.Whom, choice)
			case f.Name == fault.Block && firstChat(p) == "telegram":
				f.On = f.On || s.faults.IsBlocked(p.TelegramID)
				f.Whom = append(f.Whom, choice)
			}
		}
		out = append(out, f)
	}
	return out
}
