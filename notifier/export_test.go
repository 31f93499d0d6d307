package notifier

import "slices"

// Stages are the names of the stages of every hub, in order.
func Stages() []string {
	var out []string
	for _, s := range path {
		out = append(out, s.name)
	}
	return out
}

// LeaveOut takes a stage out of a hub's path.
func (h *Hub) LeaveOut(name string) {
	h.path = slices.DeleteFunc(slices.Clone(h.path), func(s stage) bool { return s.name == name })
}

// Swap has a hub pass the stage and the one behind it in the other order.
func (h *Hub) Swap(name string) {
	h.path = slices.Clone(h.path)
	i := slices.IndexFunc(h.path, func(s stage) bool { return s.name == name })
	h.path[i], h.path[i+1] = h.path[i+1], h.path[i]
}
