package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets/favicon.svg assets/xinheng.css assets/xinheng.js assets/ownership.js assets/vendor
var assetFiles embed.FS

// served is a file as it goes out.
type served struct {
	kind          string
	plain, zipped []byte
}

// assets reads all files once; print is a hash over them that stands in their addresses, so that browsers may keep them
// for ever.
var assets = sync.OnceValues(func() (print string, files map[string]served) {
	files = map[string]served{}
	sum := sha256.New()
	err := fs.WalkDir(assetFiles, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		sum.Write(raw)
		var zipped bytes.Buffer
		z, err := gzip.NewWriterLevel(&zipped, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := z.Write(raw); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		files[strings.TrimPrefix(name, "assets/")] = served{kind: mime.TypeByExtension(path.Ext(name)), plain: raw, zipped: zipped.Bytes()}
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], files
})

// asset is the address of a file.
func asset(name string) string {
	print, _ := assets()
	return "/assets/" + print + "/" + name
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	_, files := assets()
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/assets/"), "/")
	f, ok := files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	_, _ = w.Write(body) // a browser that went away is its own affair
}
