package storagetest

import "testing"

func againstModel(*testing.T, func(*testing.T) Store) {}
