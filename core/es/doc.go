// Package es holds every Spanish (es-MX) word that a person of the process reads: states, verbs, roles, fields, refusals, mails, dates.
package es
