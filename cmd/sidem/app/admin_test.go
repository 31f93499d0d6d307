package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheAdminListenerAnswersToNoNameOfTheInternet(t *testing.T) {
	h := named(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for host, want := range map[string]int{
		"127.0.0.1:9090": http.StatusOK, "[::1]:9090": http.StatusOK, "[::1]": http.StatusOK, "localhost:9090": http.StatusOK, "sidem:9090": http.StatusOK, "10.0.0.7": http.StatusOK,
		"evil.example.org:9090": http.StatusMisdirectedRequest, "127.0.0.1.example.org": http.StatusMisdirectedRequest, "localhost.example.org:80": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}
