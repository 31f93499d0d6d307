package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"sidem.gob.mx/sidem/core/filetype"
)

// Bounds of a photo that is read: bytes as it comes, and pixels, which are told
// before any of them is unpacked. A telephone's photo has 12 million.
const (
	MaxPhoto  = 20 << 20
	maxPixels = 16 << 20
)

// maxPasses bounds how often pixels are gone over together: a progressive JPEG of a
// few kilobytes may go over all of its own a thousand times. A photo's does some ten.
const maxPasses = 16 * maxPixels

// maxCorners bounds what looks like the corner of a QR code: the library compares
// them by threes, and a picture of nothing else would keep it busy for hours. A
// photo of a desk has some tens.
const maxCorners = 400

// side is about as long as an image is looked at, in pixels: what is larger is made
// smaller, which also takes the grain out of it.
const side = 1280

// ErrNoQR says that no QR code can be read in an image.
var ErrNoQR = errors.New("no QR code is read in it")

// photos holds one for each photo that is read at this moment: each takes up to a
// hundred megabytes.
var photos = make(chan struct{}, 2)

// ReadQR is the text of the QR code in a photo, a JPEG or a PNG. Its error is
// ErrNoQR where none is read, for whatever is wrong with the image, or the reader's;
// that of ctx where it ends first.
func ReadQR(ctx context.Context, r io.Reader) (string, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxPhoto+1))
	if err != nil {
		return "", fmt.Errorf("read the photo: %w", err)
	}
	if len(body) > MaxPhoto {
		return "", fmt.Errorf("%w: more than %d bytes", ErrNoQR, MaxPhoto)
	}
	select {
	case photos <- struct{}{}:
		defer func() { <-photos }()
	case <-ctx.Done():
		return "", fmt.Errorf("wait to read the photo: %w", ctx.Err())
	}
	img, err := picture(ctx, body)
	if ended := ctx.Err(); ended != nil {
		return "", fmt.Errorf("read the photo: %w", ended)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoQR, err)
	}
	text, err := scan(ctx, gray(img, side))
	if err != nil && ctx.Err() == nil {
		text, err = scan(ctx, gray(img, side/2)) // less grain, less blur
	}
	// What the library takes for a corner within the code hangs on the way it goes: of 3,000
	// passes flat on a desk ten were not read upright.
	for way, n := gray(img, side), 0; err != nil && ctx.Err() == nil && n < 3; n++ {
		way = turned(way)
		text, err = scan(ctx, way)
	}
	if ended := ctx.Err(); ended != nil {
		return "", fmt.Errorf("read the photo: %w", ended)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoQR, err)
	}
	return text, nil
}

// picture decodes a JPEG or a PNG that asks for no more room and time than a photo.
func picture(ctx context.Context, body []byte) (image.Image, error) {
	kind, _ := filetype.Sniff("", body[:min(len(body), filetype.Head)])
	size, decode := png.DecodeConfig, png.Decode
	switch kind {
	case filetype.PNG:
	case filetype.JPEG:
		size, decode = jpeg.DecodeConfig, jpeg.Decode
	default:
		return nil, fmt.Errorf("a file of kind %s", kind)
	}
	cfg, err := size(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	most := maxPixels
	if cfg.ColorModel == color.NRGBA64Model || cfg.ColorModel == color.RGBA64Model { // each takes twice the room
		most /= 2
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > most/cfg.Height {
		return nil, fmt.Errorf("%d x %d pixels", cfg.Width, cfg.Height)
	}
	if kind == filetype.JPEG {
		shape, err := filetype.ShapeOfJPEG(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if shape.Scans > maxPasses/(cfg.Width*cfg.Height) {
			return nil, fmt.Errorf("%d scans of %d x %d pixels", shape.Scans, cfg.Width, cfg.Height)
		}
	}
	return decode(&lasting{ctx, bytes.NewReader(body)})
}

// lasting reads as long as its context lasts.
type lasting struct {
	ctx context.Context //nolint:containedctx // an io.Reader is handed none
	io.Reader
}

func (l *lasting) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.Reader.Read(p)
}

// gray is img in grey, made smaller by a whole number so that its longer side is
// less than twice long: each pixel is the mean of a square.
func gray(img image.Image, long int) *image.Gray {
	b := img.Bounds()
	n := max(1, max(b.Dx(), b.Dy())/long)
	out := image.NewGray(image.Rect(0, 0, b.Dx()/n, b.Dy()/n))
	light := luminance(img)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum := 0
			for dy := range n {
				for dx := range n {
					sum += int(light(b.Min.X+x*n+dx, b.Min.Y+y*n+dy))
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / (n * n)) //nolint:gosec // a mean of bytes is one
		}
	}
	return out
}

// turned is an image turned by a quarter.
func turned(img *image.Gray) *image.Gray {
	b := img.Rect
	out := image.NewGray(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Pix[x*out.Stride+b.Dy()-1-y] = img.Pix[y*img.Stride+x]
		}
	}
	return out
}

// luminance tells how light a pixel is: what a JPEG stores, or else computed.
func luminance(img image.Image) func(x, y int) uint8 {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) uint8 { return img.Y[img.YOffset(x, y)] }
	case *image.Gray:
		return func(x, y int) uint8 { return img.GrayAt(x, y).Y }
	default:
		return func(x, y int) uint8 { return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y } //nolint:forcetypeassert // it is the model's type
	}
}

// scan reads the QR code in img. The library is given what strangers sent: where it
// panics, nothing was read.
func scan(ctx context.Context, img *image.Gray) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder gave up: %v", p)
		}
	}()
	corners := 0
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(gozxing.NewLuminanceSourceFromImage(img)))
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER: true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if corners++; corners > maxCorners || ctx.Err() != nil {
				panic("too many corners, or no time left")
			}
		}),
	})
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}
