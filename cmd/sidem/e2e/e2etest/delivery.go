package e2etest

import (
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// BucketAt is the address of a bucket of a server that speaks S3.
func BucketAt(t *testing.T, backend gofakes3.Backend) string {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	return "s3://sidem/anexos?endpoint=" + server.URL
}

// Webhooked has Telegram deliver to a port of this machine.
func Webhooked(t *testing.T, w *world.World) {
	t.Helper()
	w.Config.HTTPAddr = FreePort(t)
	w.Config.PublicURL, w.Config.TelegramMode, w.Config.TelegramSecret = "http://"+w.Config.HTTPAddr, office.TelegramWebhook, "a-secret_of-the-webhook"
}

// SlackCalls has Slack deliver to a port of this machine.
func SlackCalls(t *testing.T, w *world.World) {
	t.Helper()
	w.Config.HTTPAddr = FreePort(t)
	w.Config.SlackMode, w.Config.SlackAppToken = office.SlackHTTP, ""
}
