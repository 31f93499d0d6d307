package value_test

import (
	"testing"

	"sidem.gob.mx/sidem/core/value"
)

func TestAMarkOfAListGoesHoweverManyLinesThereAre(t *testing.T) {
	for text, want := range map[string]string{
		"• Laptop; 20; pieza":                                       "Laptop; 20; pieza",
		"· Laptop; 20; pieza":                                       "Laptop; 20; pieza",
		"- Laptop; 20; pieza":                                       "Laptop; 20; pieza",
		"1) Laptop; 20; pieza":                                      "1) Laptop; 20; pieza",
		"a) Laptop; 20; pieza\nb) Monitor; 2; pieza":                "Laptop; 20; pieza\nMonitor; 2; pieza",
		"Laptop; 20; pieza\n• Monitor; 2; pieza":                    "Laptop; 20; pieza\nMonitor; 2; pieza",
		"o\tLaptop; 2; pieza; 10\no\tMonitor; 2; pieza; 10":         "Laptop; 2; pieza; 10.00\nMonitor; 2; pieza; 10.00",
		"o\tLaptop\t2\tpieza\t10\n• Monitor\t2\tpieza\t10":          "Laptop; 2; pieza; 10.00\nMonitor; 2; pieza; 10.00",
		"365. Licencia anual; 20; pieza":                            "365. Licencia anual; 20; pieza",
		"2) Monitor; 2; pieza":                                      "2) Monitor; 2; pieza",
		"- 20 °C, congelador; 1; pieza":                             "- 20 °C, congelador; 1; pieza",
		"Laptop; 20; pieza\n- Monitor; 2; pieza":                    "Laptop; 20; pieza\n- Monitor; 2; pieza",
		"o Laptop; 20; pieza":                                       "o Laptop; 20; pieza",
		"\"• Laptop\"; 20; pieza":                                   "\"• Laptop\"; 20; pieza",
		"c) Laptop; 20; pieza\nd) Monitor; 2; pieza":                "c) Laptop; 20; pieza\nd) Monitor; 2; pieza",
		"Laptop; 20; pieza\n\"• Monitor\"; 2; pieza":                "\"Laptop\"; 20; pieza\n\"• Monitor\"; 2; pieza",
		"• Laptop; 20; pieza; 18,500.00; \"• 16 GB\n• 512 GB\"":     "Laptop; 20; pieza; 18,500.00; \"• 16 GB\n• 512 GB\"",
		"• Laptop; 20; pieza\n\n  • Monitor; 2; pieza\n• Mouse;1;p": "Laptop; 20; pieza\nMonitor; 2; pieza\nMouse; 1; p",
	} {
		items, err := value.ParseItems(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := value.PrintItems(items)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if again, err := value.ParseItems(got); err != nil || value.PrintItems(again) != got || len(again) != len(items) || again[0].Description != items[0].Description {
			t.Errorf("%q, printed and read: %+v, %v", text, again, err)
		}
	}
}
