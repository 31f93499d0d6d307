package paper

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/filetype"
)

const pass = "SIDEM:000147/2026:483920"

// shot is how a photo of a pass is taken.
type shot struct {
	Share   float64 // of the photo's height that the code takes
	Turn    float64 // degrees
	Tilt    float64 // how much smaller its far edge is, from 0
	Blur    int     // pixels to each side
	Shade   float64 // how much darker one corner of the photo is, from 0
	Noise   float64 // standard deviation, of 255
	Quality int     // of the JPEG; 85 unless said
	Width   int     // in pixels, three quarters as high; 1280, Telegram's, unless said
}

// take is a photo of the pass on a desk, as a phone sends it.
func take(t testing.TB, text string, s shot) []byte {
	t.Helper()
	code, err := QR(text)
	if err != nil {
		t.Fatal(err)
	}
	paper, err := png.Decode(bytes.NewReader(code))
	if err != nil {
		t.Fatal(err)
	}
	s.Width, s.Quality = cmp.Or(s.Width, 1280), cmp.Or(s.Quality, 85)
	sheet := gray(paper, paper.Bounds().Dx())
	w, h := s.Width, s.Width*3/4
	random := rand.New(rand.NewPCG(1, 2))
	light := make([]float64, w*h)
	sin, cos := math.Sincos(s.Turn * math.Pi / 180)
	size := s.Share * float64(h)
	for y := range h {
		for x := range w {
			// from the photo back to the paper: centre, turn, tilt
			px, py := float64(x)-float64(w)/2, float64(y)-float64(h)/2
			px, py = px*cos+py*sin, py*cos-px*sin
			depth := 1 - s.Tilt*py/size
			px, py = px/depth, py/depth
			u, v := px/size+0.5, py/size+0.5
			grey := 110 + 30*math.Sin(float64(x)/37)*math.Sin(float64(y)/23) // the desk
			switch {
			case u >= 0 && u < 1 && v >= 0 && v < 1 && depth > 0:
				dot := sheet.Pix[int(v*float64(sheet.Rect.Dy()))*sheet.Stride+int(u*float64(sheet.Rect.Dx()))]
				grey = 30 + float64(dot)*0.8 // ink is not black, paper not white
			case u > -0.3 && u < 1.3 && v > -0.3 && v < 1.6:
				grey = 235 // the sheet around it
				if v > 1.1 && int(v*60)%3 == 0 && int(u*90)%2 == 0 {
					grey = 60 // its words
				}
			}
			light[y*w+x] = grey * (1 - s.Shade*(float64(x)/float64(w)+float64(y)/float64(h))/2)
		}
	}
	light = blurred(light, w, h, s.Blur)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, v := range light {
		v = min(255, max(0, v+random.NormFloat64()*s.Noise))
		copy(img.Pix[i*4:], []byte{uint8(v), uint8(v * 0.97), uint8(v * 0.9), 255})
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: s.Quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// blurred is light with each pixel the mean of those about it, lengthwise and across.
func blurred(light []float64, w, h, r int) []float64 {
	if r == 0 {
		return light
	}
	for _, step := range []struct{ n, m, along, across int }{{h, w, 1, w}, {w, h, w, 1}} {
		out := make([]float64, len(light))
		for i := range step.n {
			for j := range step.m {
				sum, n := 0.0, 0.0
				for k := max(0, j-r); k <= min(step.m-1, j+r); k++ {
					sum += light[i*step.across+k*step.along]
					n++
				}
				out[i*step.across+j*step.along] = sum / n
			}
		}
		light = out
	}
	return light
}

func TestAPassIsReadFromTheWaysPeoplePhotographIt(t *testing.T) {
	for name, s := range map[string]shot{
		"straight":               {Share: 0.6},
		"from afar":              {Share: 0.25},
		"turned":                 {Share: 0.5, Turn: 33},
		"upside down":            {Share: 0.5, Turn: 180, Blur: 1},
		"from the side":          {Share: 0.5, Turn: 12, Tilt: 0.3},
		"out of focus":           {Share: 0.6, Turn: 5, Blur: 3},
		"half in the shade":      {Share: 0.5, Turn: 7, Shade: 0.9},
		"at night":               {Share: 0.5, Turn: 7, Noise: 25, Quality: 60},
		"badly, in every way":    {Share: 0.5, Turn: 20, Tilt: 0.15, Blur: 2, Shade: 0.6, Noise: 15, Quality: 60},
		"as it left the camera":  {Share: 0.5, Turn: 7, Width: 2600},
		"as a thumbnail is sent": {Share: 0.7, Turn: 3, Width: 320},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := ReadQR(t.Context(), bytes.NewReader(take(t, pass, s))); err != nil || got != pass {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	t.Run("as the file that SIDEM gave", func(t *testing.T) {
		code, err := QR(pass)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ReadQR(t.Context(), bytes.NewReader(code)); err != nil || got != pass {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// TestNineOfTenPhotosAreRead measures: with SIDEM_PHOTOS all combinations, otherwise
// one of 31. The code takes a third of the photo's height or more.
func TestNineOfTenPhotosAreRead(t *testing.T) {
	every := 31
	if os.Getenv("SIDEM_PHOTOS") != "" {
		every = 1
	}
	var read, taken, n int
	for _, light := range []shot{{Noise: 4, Quality: 87}, {Noise: 15, Shade: 0.6, Quality: 60}, {Noise: 25, Shade: 0.9, Quality: 40}} {
		for _, share := range []float64{0.35, 0.6} {
			for _, turn := range []float64{0, 7, 33, 45, 90, 171} {
				for _, tilt := range []float64{0, 0.15, 0.3} {
					for _, blur := range []int{0, 2} {
						if n++; n%every != 0 {
							continue
						}
						s := light
						s.Share, s.Turn, s.Tilt, s.Blur = share, turn, tilt, blur
						taken++
						if got, err := ReadQR(t.Context(), bytes.NewReader(take(t, pass, s))); err == nil && got == pass {
							read++
						} else {
							t.Logf("%+v: %q, %v", s, got, err)
						}
					}
				}
			}
		}
	}
	t.Logf("%d of %d", read, taken)
	if read*10 < taken*9 {
		t.Errorf("%d of %d photos are read", read, taken)
	}
}

func TestWhatHoldsNoCodeIsSaidToHoldNone(t *testing.T) {
	photo := take(t, pass, shot{Share: 0.5})
	code, err := QR(pass)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"nothing":        nil,
		"no image":       []byte("%PDF-1.4"),
		"a desk":         take(t, pass, shot{Share: 0.001}),
		"half a photo":   photo[:len(photo)/8],
		"half a PNG":     code[:len(code)/2],
		"a PNG's name":   []byte("\x89PNG"),
		"too many bytes": append(photo, make([]byte, MaxPhoto)...),
		"a line":         picturesque(t, image.NewGray(image.Rect(0, 0, 1, 9000))),
	} {
		if got, err := ReadQR(t.Context(), bytes.NewReader(body)); !errors.Is(err, ErrNoQR) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// picturesque is img as a PNG.
func picturesque(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnImageOfTooManyPixelsIsRefusedBeforeItIsUnpacked(t *testing.T) {
	body := picturesque(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	const header = 8 + 4 // PNG: signature, length; then type and data of IHDR, and its sum
	for _, size := range [][2]uint32{{60_000, 60_000}, {maxPixels + 1, 1}, {1 << 30, 1 << 30}} {
		binary.BigEndian.PutUint32(body[header+4:], size[0])
		binary.BigEndian.PutUint32(body[header+8:], size[1])
		binary.BigEndian.PutUint32(body[header+17:], crc32.ChecksumIEEE(body[header:header+17]))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadQR(t.Context(), bytes.NewReader(body))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrNoQR) || !strings.Contains(err.Error(), "pixels") && size[0] < 1<<30 {
			t.Errorf("%v: %v", size, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%v: %d bytes were allocated", size, got)
		}
	}
}

func TestAPictureOfNothingButCornersKeepsNobodyBusy(t *testing.T) {
	const module, pitch, n = 2, 20, 30
	img := image.NewGray(image.Rect(0, 0, n*pitch, n*pitch))
	for i := range img.Pix {
		x, y := i%img.Stride%pitch/module, i/img.Stride%pitch/module
		ring := max(abs(x-3), abs(y-3)) // of a finder pattern: black, white, black
		img.Pix[i] = 255
		if ring == 3 || ring < 2 {
			img.Pix[i] = 0
		}
	}
	_, err := ReadQR(t.Context(), bytes.NewReader(picturesque(t, img)))
	if !errors.Is(err, ErrNoQR) || !strings.Contains(err.Error(), "corners") {
		t.Errorf("%d corners were compared by threes: %v", n*n, err)
	}
}

// sample is a picture of testdata, which make.sh there wrote.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAProgressivePhotoIsReadToo(t *testing.T) {
	body := sample(t, "progresiva.jpg")
	if shape, err := filetype.ShapeOfJPEG(bytes.NewReader(body)); err != nil || shape.Scans < 3 {
		t.Fatalf("%+v, %v", shape, err)
	}
	if got, err := ReadQR(t.Context(), bytes.NewReader(body)); err != nil || got != pass {
		t.Errorf("%q, %v", got, err)
	}
}

// overAndOver is a progressive JPEG that goes over its pixels n times more: its
// second scan, which refines nothing, again and again.
func overAndOver(t testing.TB, n int) []byte {
	t.Helper()
	body := sample(t, "lisa.jpg")
	last := bytes.LastIndex(body, []byte("\xff\xda"))
	scan := body[bytes.LastIndex(body[:last], []byte("\xff\xc4")) : len(body)-2]
	return slices.Concat(body[:len(body)-2], bytes.Repeat(scan, n), []byte("\xff\xd9"))
}

func TestAPhotoThatGoesOverItsPixelsAThousandTimesIsRefusedBeforeItIsUnpacked(t *testing.T) {
	body := overAndOver(t, 2000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadQR(t.Context(), bytes.NewReader(body))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrNoQR) || !strings.Contains(err.Error(), "scans") {
		t.Errorf("%d bytes: %v", len(body), err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("%d bytes were allocated", got)
	}
}

func TestWhoeverLeavesIsNotWaitedFor(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	for range cap(photos) {
		photos <- struct{}{}
	}
	time.AfterFunc(10*time.Millisecond, leave)
	_, err := ReadQR(ctx, bytes.NewReader(sample(t, "pase.png")))
	for range cap(photos) {
		<-photos
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while others are read: %v", err)
	}
	if _, err := ReadQR(ctx, bytes.NewReader(sample(t, "pase.png"))); !errors.Is(err, context.Canceled) || errors.Is(err, ErrNoQR) {
		t.Errorf("while it is read: %v", err)
	}
}

func abs(n int) int { return max(n, -n) }

func FuzzReadQRNeverPanics(f *testing.F) {
	f.Add(take(f, pass, shot{Share: 0.7, Width: 120}))
	code, err := QR("1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(code)
	f.Fuzz(func(t *testing.T, body []byte) {
		if text, err := ReadQR(t.Context(), bytes.NewReader(body)); err != nil && (text != "" || !errors.Is(err, ErrNoQR)) {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// FuzzScanNeverPanics gives the decoder what no image format stands before.
func FuzzScanNeverPanics(f *testing.F) {
	code, err := QR(pass)
	if err != nil {
		f.Fatal(err)
	}
	img, err := picture(f.Context(), code)
	if err != nil {
		f.Fatal(err)
	}
	small := gray(img, 64)
	f.Add(small.Pix, small.Rect.Dx())
	f.Fuzz(func(t *testing.T, pix []byte, width int) {
		if width <= 0 || width > 512 || len(pix) < width || len(pix) > 1<<16 {
			return // no image
		}
		img := &image.Gray{Pix: pix, Stride: width, Rect: image.Rect(0, 0, width, len(pix)/width)}
		if text, err := scan(t.Context(), img); err != nil && text != "" {
			t.Errorf("%q, %v", text, err)
		}
	})
}
