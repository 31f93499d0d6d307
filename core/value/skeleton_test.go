package value_test

import (
	"testing"

	"sidem.gob.mx/sidem/core/value"
)

func TestAWordOfTwoScriptsIsADisguise(t *testing.T) {
	for s, want := range map[string]bool{
		"Lucía Herrera Campos": false, "María Ñuño": false, "Иван Петров": false, "O’Higgins": false, "lucia.herrera2": false, "": false,
		"Luciа Herrera": true, "lucia.hеrrera": true, "Ηerrera": true, "raul_ortegа": true,
	} {
		if got := value.Disguised(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestWhatLooksAlikeHasOneSkeleton(t *testing.T) {
	for want, like := range map[string][]string{
		"lucia.herrera": {"lucia.herrera", "Lucía.Herrera", "luciа.herrerа", "ｌｕｃｉａ.herrera", "lu\u200bcia.herrera", "LUСIA.HЕRRERA", "lucı\u0301a.herrera"},
		"codigo 123456": {"código 123456", "codigo\u00a0123456", "Ｃódigo  １２３４５６", "соdigо 123456"},
	} {
		for _, s := range like {
			if got := value.Skeleton(s); got != want {
				t.Errorf("of %q it is %q", s, got)
			}
		}
	}
	if value.Skeleton("lucia.herrera2") == value.Skeleton("lucia.herrera") {
		t.Error("two that the eye tells apart have one skeleton")
	}
}
