package testbed_test

import (
	"net"
	"testing"

	"sidem.gob.mx/sidem/core/testbed"
)

func TestAFreeAddressCanBeListenedAtAndIsGivenToNobodyElse(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		addr, err := testbed.FreeAddr()
		if err != nil || seen[addr] {
			t.Fatalf("%s again, or %v", addr, err)
		}
		seen[addr] = true
		if _, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", addr); err == nil {
			t.Fatalf("another process could be given %s", addr)
		}
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
	}
}
