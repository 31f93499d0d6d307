package testbed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

var (
	tokens   []net.PacketConn // of the ports that were given; kept as long as the process lives
	tokensMu sync.Mutex
)

// FreeAddr is an address of this machine for a server that has yet to listen. Its
// port is below those that a system gives to whoever takes any (32768 and up on
// Linux), so that nobody else takes it meanwhile; and no other test is given it,
// since its namesake among the ports of UDP is held until this process ends.
func FreeAddr() (string, error) {
	ctx := context.Background()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)) //nolint:gosec // no secret
		token, err := new(net.ListenConfig).ListenPacket(ctx, "udp", addr)
		if err != nil {
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			_ = token.Close()
			continue
		}
		tokensMu.Lock()
		tokens = append(tokens, token)
		tokensMu.Unlock()
		return addr, l.Close()
	}
	return "", errors.New("testbed: no port is free")
}
