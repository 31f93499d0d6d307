// Package notifier is the hub: it claims what is due, asks whether it is still needed, renders, sends and settles.
package notifier
