// Package paper makes and reads the documents that pass through a chat: the draft of an oficio, the QR of a pass, the spreadsheet of renglones.
package paper

import (
	"fmt"

	"rsc.io/qr"
)

// QR is text as a PNG that a phone reads off a screen.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	code.Scale = 12
	return code.PNG(), nil
}
