package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// inputs follows those of a platform.
type inputs struct {
	t        *Tracer
	platform string
}

// Inputs follows those of a platform from where they came to where they are worked.
func (t *Tracer) Inputs(platform string) wire.Follower {
	if t == nil {
		return nil
	}
	return inputs{t, platform}
}

// Came begins a trace: "receive" lasts until the input is kept.
func (i inputs) Came(k wire.Kept) (string, func()) {
	ctx, s := i.t.tracer.Start(context.Background(), "receive", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(platformKey.String(i.platform), onceKey.String(k.Once)))
	return carried(ctx), func() { s.End() }
}

func (inputs) Worked(ctx context.Context, traceparent string) context.Context {
	return resumed(ctx, traceparent)
}

// Handle begins with what is done upon an input, until it is known what to answer.
func (t *Tracer) Handle(ctx context.Context, platform, once string) (context.Context, func()) {
	if t == nil {
		return ctx, func() {}
	}
	ctx, s := t.tracer.Start(ctx, "handle", trace.WithAttributes(platformKey.String(platform), onceKey.String(once)))
	return ctx, func() { s.End() }
}

// Decide begins with a decision, with all its rounds and its commits.
func (t *Tracer) Decide() func(context.Context, string, core.Command) (context.Context, func(desk.Outcome, error)) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, record string, c core.Command) (context.Context, func(desk.Outcome, error)) {
		ctx, s := t.tracer.Start(ctx, "decide", trace.WithAttributes(verbKey.String(string(c.Verb)), recordKey.String(record), onceKey.String(c.Once)))
		return ctx, func(out desk.Outcome, err error) {
			switch {
			case err != nil:
			case out.Refusal != nil:
				s.SetAttributes(verdictKey.String(string(out.Refusal.Reason)))
			case out.Repeat:
				s.SetAttributes(verdictKey.String("repeat"))
			default:
				s.SetAttributes(verdictKey.String("applied"))
			}
			ended(s, err)
		}
	}
}

// Store begins with a call of the store on behalf of an act that is followed.
func (t *Tracer) Store(ctx context.Context, method string) (context.Context, func(error)) {
	if !follows(ctx) {
		return ctx, func(error) {}
	}
	ctx, s := t.tracer.Start(ctx, "store "+method, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(err error) {
		if errors.Is(err, desk.ErrNotFound) || errors.Is(err, desk.ErrConflict) { // answers like others
			err = nil
		}
		ended(s, err)
	}
}

// Mark is items with the act of ctx, for which they are owed.
func (t *Tracer) Mark(ctx context.Context, items []outbox.Item) []outbox.Item {
	if !follows(ctx) || len(items) == 0 {
		return items
	}
	trace.SpanFromContext(ctx).SetAttributes(countKey.Int(len(items)))
	return marked(items, []string{carried(ctx)})
}

// Inherit is items that follow from another, with the acts for which that one was owed.
func Inherit(from outbox.Item, items []outbox.Item) []outbox.Item {
	return marked(items, from.Payload().Trace)
}

func marked(items []outbox.Item, traces []string) []outbox.Item {
	if len(traces) == 0 {
		return items
	}
	out := make([]outbox.Item, len(items))
	for i, it := range items {
		p := it.Payload()
		p.Trace = traces
		it.Data = p.Data()
		out[i] = it
	}
	return out
}

// Attempt begins with an attempt of an item: below the first act for which it is owed, and
// linked with each.
func (t *Tracer) Attempt() func(context.Context, outbox.Item) (context.Context, func(outbox.Result)) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, it outbox.Item) (context.Context, func(outbox.Result)) {
		p := it.Payload()
		about := []attribute.KeyValue{itemKey.String(it.ID), whatKey.String(it.What), channelKey.String(it.Channel), epochKey.Int(it.Epoch)}
		if it.Record != "" {
			about = append(about, recordKey.String(it.Record))
		}
		if p.Mail != "" {
			about = append(about, mailKey.String(p.Mail))
		}
		opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(about...)}
		for i, traceparent := range p.Trace {
			act := resumed(ctx, traceparent)
			opts = append(opts, trace.WithLinks(trace.LinkFromContext(act)))
			if i == 0 {
				ctx = act
			}
		}
		name := it.What
		if it.Channel != "" {
			name += " " + it.Channel
		}
		ctx, s := t.tracer.Start(ctx, name, opts...)
		return ctx, func(r outbox.Result) {
			s.SetAttributes(outcomeKey.String(string(r.Outcome)))
			if r.Outcome == outbox.WillRetry || r.Outcome == outbox.Buried {
				s.SetStatus(codes.Error, "")
			}
			s.End()
		}
	}
}

// Call begins with a call to a platform on behalf of an act that is followed.
func (t *Tracer) Call() wire.Span {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, platform, method string) (context.Context, func(error)) {
		if !follows(ctx) {
			return ctx, func(error) {}
		}
		ctx, s := t.tracer.Start(ctx, platform+" "+method, trace.WithSpanKind(trace.SpanKindClient))
		return ctx, func(err error) { ended(s, err) }
	}
}

// Dialogue begins with a mail's, from the relay's first word to its verdict.
func (t *Tracer) Dialogue() func(context.Context) (context.Context, func(error)) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context) (context.Context, func(error)) {
		ctx, s := t.tracer.Start(ctx, "smtp", trace.WithSpanKind(trace.SpanKindClient))
		return ctx, func(err error) { ended(s, err) }
	}
}
