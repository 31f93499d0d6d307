// Package emailtest is a strict SMTP relay on loopback that keeps what it accepts and misbehaves when told to.
//
// It is to mail what httptest is to HTTP: tests and the demonstration start one
// with [New], read mailboxes with [Server.Inbox], and script faults phase by
// phase with [Server.Intercept]. The protocol is judged by go-smtp; the conn in
// between adds TLS, faults and what a careful relay refuses on top:
// bare CR or LF, lines over 998 bytes (RFC 5322 §2.1.1), messages without From,
// Date or Message-ID, undecodable MIME, improper pipelining, a second MAIL in
// one transaction, and mail or passwords in clear where STARTTLS is offered.
package emailtest
