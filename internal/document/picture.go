package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decoder

	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff" // decoder
	_ "golang.org/x/image/webp" // decoder
	"golang.org/x/sync/semaphore"
)

// The bounds of pictures: what is decoded (a small file can unpack into a large one), what is shown, and how many at once.
const (
	mostPixels   = 60_000_000 // about 240 MB while it is drawn
	previewEdge  = 1600
	previewTone  = 82 // JPEG quality
	picturesOnce = 1
)

// ErrNoPicture says that a content cannot be drawn as a picture, or is too large for it.
var ErrNoPicture = errors.New("document: no picture that can be drawn")

var drawing = semaphore.NewWeighted(picturesOnce)

// Picture draws a picture anew, at most 1600 pixels wide or high, as a JPEG: what a file hides beside its pixels does not
// come along.
func Picture(ctx context.Context, raw []byte) ([]byte, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > mostPixels/size.Height {
		return nil, ErrNoPicture
	}
	if err := drawing.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	defer drawing.Release(1)
	from, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, ErrNoPicture
	}
	width, height := size.Width, size.Height
	if longest := max(width, height); longest > previewEdge {
		width, height = max(1, width*previewEdge/longest), max(1, height*previewEdge/longest)
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src) // JPEG has no transparency
	draw.ApproxBiLinear.Scale(to, to.Bounds(), from, from.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, to, &jpeg.Options{Quality: previewTone}); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return out.Bytes(), nil
}
