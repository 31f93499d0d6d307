package office_test

import (
	"strings"
	"testing"
	"time"

	"sidem/cmd/sidem/office"
)

// works is a configuration that nothing stands against.
func works() office.Config {
	return office.Config{TelegramToken: "1:x", TelegramAPI: "https://api.telegram.org", SMTPAddr: "smtp.ejemplo.gob.mx:587", MailFrom: "sidem@ejemplo.gob.mx"}
}

func TestAVerdictThatMakesDuplicatesIsRefusedWithWhatToSet(t *testing.T) {
	for verdict, good := range map[time.Duration]bool{
		0: true, time.Minute: true, 10 * time.Minute: true, 20 * time.Minute: true,
		time.Second: false, 59 * time.Second: false, 21 * time.Minute: false, -time.Minute: false,
	} {
		cfg := works()
		cfg.SMTPVerdict = verdict
		err := cfg.Check()
		if (err == nil) != good {
			t.Errorf("%v: %v", verdict, err)
		}
		if err != nil && !strings.Contains(err.Error(), "SIDEM_SMTP_VERDICT") {
			t.Errorf("%v: %v does not say what to set", verdict, err)
		}
	}
}
