package stage

import (
	"context"
	"fmt"

	"sidem/cmd/sidem/sandbox"
	"sidem/cmd/sidem/world"
)

// fault makes something go wrong, or ends it.
func (s *Stage) fault(ctx context.Context, c sandbox.Control) error {
	if c.Name == sandbox.FaultKill {
		return s.restart(ctx, (*world.Child).Kill, func() {})
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch c.Name {
	case sandbox.FaultTwice:
		p, ok := s.w.People[c.Person]
		if !ok {
			return sandbox.ErrNotFound
		}
		client, err := s.w.Client(c.Person, firstChat(p))
		if err != nil {
			return err
		}
		if err := client.Again(); err != nil {
			return sandbox.NothingYet
		}
	case sandbox.FaultBlock:
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
			return sandbox.ErrNotFound
		}
		s.faults.Block(p, true)
	case sandbox.FaultSlow, sandbox.FaultLimit, sandbox.FaultBroken, sandbox.FaultOutage, sandbox.FaultMail4, sandbox.FaultMail5:
		s.faults.Set(c.Name, c.On)
	default:
		return fmt.Errorf("fault %q: unknown", c.Name)
	}
	return nil
}

// list are the faults as they stand.
func (s *Stage) list() []sandbox.Fault {
	var out []sandbox.Fault
	for _, fault := range sandbox.Faults {
		fault.On, fault.Hits = s.faults.State(fault.Name)
		for _, key := range cast {
			p := s.w.People[key]
			choice := sandbox.Choice{Key: key, Name: p.Account.Name}
			switch {
			case fault.Name == sandbox.FaultTwice:
				fault.Whom = append(fault.Whom, choice)
			case fault.Name == sandbox.FaultBlock && firstChat(p) == "telegram":
				fault.On = fault.On || s.faults.IsBlocked(p.TelegramID)
				fault.Whom = append(fault.Whom, choice)
			}
		}
		out = append(out, fault)
	}
	return out
}
