package storagetest_test

import (
	"testing"

	"sidem.gob.mx/sidem/storage/storagetest"
)

func TestTheModelPassesTheSuite(t *testing.T) {
	storagetest.Run(t, func(*testing.T) storagetest.Store { return storagetest.NewModel() })
}
