package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// doubled is a format in which the value of each row "t:<n>" stands twice: made of a store
// by parts of three rows.
func doubled(rows int, before func(part int)) migration {
	return migration{to: currentFormat() + 1, what: "each value twice", part: func(ctx context.Context, s *Store, cursor string) (rowsChange, string, error) {
		from := 0
		if cursor != "" {
			if _, err := fmt.Sscan(cursor, &from); err != nil {
				return rowsChange{}, "", err
			}
		}
		before(from)
		change := rowsChange{set: map[string]string{}}
		upTo := min(from+3, rows)
		var fields []string
		for i := from; i < upTo; i++ {
			fields = append(fields, fmt.Sprintf("t:%d", i))
		}
		err := s.fetch(ctx, fields, func(i int, row string) error {
			change.set[fields[i]] = row + row
			return nil
		})
		if upTo == rows {
			return change, "", err
		}
		return change, fmt.Sprint(upTo), err
	}}
}

// oldStore is a store of format 1 with n rows, on a server of its own.
func oldStore(t *testing.T, n int) (server *redistest.Server, dsn string) {
	t.Helper()
	server = redistest.Start(t, redistest.Options{})
	dsn = server.DSN("sidem")
	var pairs []any
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("t:%d", i), fmt.Sprint(i))
	}
	if err := server.Admin.HSet(t.Context(), "{sidem}:rows", pairs...).Err(); err != nil {
		t.Fatal(err)
	}
	return server, dsn
}

// mend opens the store with steps, and returns what was logged.
func mend(ctx context.Context, dsn string, steps []migration) (logged string, err error) {
	var out bytes.Buffer
	s, err := Open(ctx, dsn, Options{Log: slog.New(slog.NewTextHandler(&out, nil)), migrations: steps})
	if err == nil {
		err = s.Close()
	}
	return out.String(), err
}

func wantDoubled(t *testing.T, server *redistest.Server, n int) {
	t.Helper()
	got, err := server.Admin.HGetAll(t.Context(), "{sidem}:rows").Result()
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if want := fmt.Sprint(i) + fmt.Sprint(i); got[fmt.Sprintf("t:%d", i)] != want {
			t.Errorf("row %d is %q, want %q", i, got[fmt.Sprintf("t:%d", i)], want)
		}
	}
	if got["n:format"] != fmt.Sprint(currentFormat()+1) || got["n:cursor"] != "" {
		t.Errorf("the format is %q, the cursor %q", got["n:format"], got["n:cursor"])
	}
}

func TestAMigrationThatIsCutOffAtAnyPartLosesNothingAndIsEndedByTheNextStart(t *testing.T) {
	const n = 10
	server, dsn := oldStore(t, n)
	parts := 0
	for {
		ctx, kill := context.WithCancel(t.Context())
		begun := 0
		_, err := mend(ctx, dsn, slices.Concat(migrations, []migration{doubled(n, func(int) {
			if begun++; begun == 2 { // one part is kept, and the next is not
				kill()
			}
		})}))
		kill()
		if err == nil {
			break
		}
		if parts++; parts > n {
			t.Fatal("it comes to no end")
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		// The process is dead: nobody renews what it held.
		if err := server.Admin.Del(t.Context(), "{sidem}:migrating").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if parts < 3 {
		t.Errorf("it was cut off %d times", parts)
	}
	wantDoubled(t, server, n)
}

func TestOfProcessesThatStartTogetherOneMigratesAndTheOthersWait(t *testing.T) {
	const n = 20
	server, dsn := oldStore(t, n)
	var mu sync.Mutex
	parts := map[int]int{}
	steps := slices.Concat(migrations, []migration{doubled(n, func(from int) {
		mu.Lock()
		defer mu.Unlock()
		parts[from]++
	})})
	var all sync.WaitGroup
	logs := make([]string, 4)
	for i := range logs {
		all.Go(func() {
			var err error
			if logs[i], err = mend(t.Context(), dsn, steps); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantDoubled(t, server, n)
	for from, times := range parts {
		if times != 1 {
			t.Errorf("the part from %d was made %d times", from, times)
		}
	}
	if told := strings.Count(strings.Join(logs, ""), "is brought to a newer format"); told != len(migrations)+1 { // and the one of the test
		t.Errorf("it is told %d times:\n%s", told, strings.Join(logs, "\n"))
	}
}

func TestWhoWasSilentForTooLongDoesNotWriteOverWhatAnotherMade(t *testing.T) {
	const n = 6
	server, dsn := oldStore(t, n)
	once := sync.OnceFunc(func() { // it stalls in its first part, and another process ends all of it
		if err := server.Admin.Del(t.Context(), "{sidem}:migrating").Err(); err != nil {
			t.Error(err)
		}
		if _, err := mend(t.Context(), dsn, slices.Concat(migrations, []migration{doubled(n, func(int) {})})); err != nil {
			t.Error(err)
		}
	})
	if _, err := mend(t.Context(), dsn, slices.Concat(migrations, []migration{doubled(n, func(int) { once() })})); err != nil {
		t.Fatal(err)
	}
	wantDoubled(t, server, n)
}

func TestAStoreOfANewerFormatIsRefusedInOneLine(t *testing.T) {
	server, dsn := oldStore(t, 1)
	if err := server.Admin.HSet(t.Context(), "{sidem}:rows", "n:format", "99").Err(); err != nil {
		t.Fatal(err)
	}
	_, err := mend(t.Context(), dsn, migrations)
	refused, ok := errors.AsType[*archive.FormatError](err)
	if !ok || refused.Has != 99 || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestAStoreThatIsReadOnlyIsNotMigrated(t *testing.T) {
	server, dsn := oldStore(t, 1)
	steps := slices.Concat(migrations, []migration{doubled(1, func(int) { t.Error("it is changed") })})
	_, err := Open(t.Context(), dsn, Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true, migrations: steps})
	if _, ok := errors.AsType[*archive.FormatError](err); !ok {
		t.Errorf("%v", err)
	}
	if has, err := server.Admin.HExists(t.Context(), "{sidem}:rows", "n:format").Result(); has || err != nil {
		t.Errorf("the format is named: %v", err)
	}
}

func TestAStoreIsMadeInTheFormatOfThisProgram(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	if _, err := mend(t.Context(), server.DSN("sidem"), migrations); err != nil {
		t.Fatal(err)
	}
	got, err := server.Admin.HGet(t.Context(), "{sidem}:rows", "n:format").Int()
	if err != nil || got != migrations[len(migrations)-1].to {
		t.Errorf("format %d, %v", got, err)
	}
	if ttl := server.Admin.PTTL(t.Context(), "{sidem}:migrating").Val(); ttl > time.Millisecond {
		t.Errorf("it is held for %s", ttl)
	}
}
