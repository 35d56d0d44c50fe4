package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket is a Store in a bucket of an S3-compatible service.
type Bucket struct {
	client *minio.Client
	name   string
	prefix string
}

// How long the service may take for one content, and how often the client asks again by itself.
const (
	bucketTimeout  = 60 * time.Second
	bucketAnswer   = 20 * time.Second
	bucketAttempts = 3
)

// Open opens the store that the address names: a folder, or "s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION".
// The credentials of S3 come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or from the machine's role,
// never from the address, which is shown and logged.
func Open(address string) (Store, error) {
	if !strings.HasPrefix(address, "s3://") {
		return Folder{Dir: address}, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("document: the store's address cannot be read") // the error would repeat the address
	}
	if u.User != nil {
		return nil, errors.New("document: credentials do not belong into the store's address")
	}
	endpoint, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "https" && endpoint.Scheme != "http") {
		return nil, errors.New("document: the S3 address needs endpoint=https://HOST")
	}
	if u.Host == "" {
		return nil, errors.New("document: the S3 address names no bucket")
	}
	keys := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{}})
	return newBucket(endpoint, u.Host, strings.Trim(u.Path, "/"), u.Query().Get("region"), keys)
}

func newBucket(endpoint *url.URL, name, prefix, region string, keys *credentials.Credentials) (Bucket, error) {
	transport, err := minio.DefaultTransport(endpoint.Scheme == "https")
	if err != nil {
		return Bucket{}, fmt.Errorf("document: %w", err)
	}
	transport.ResponseHeaderTimeout = bucketAnswer
	client, err := minio.New(endpoint.Host, &minio.Options{Creds: keys, Secure: endpoint.Scheme == "https", Region: region, Transport: transport, MaxRetries: bucketAttempts})
	if err != nil {
		return Bucket{}, fmt.Errorf("document: %w", err)
	}
	return Bucket{client: client, name: name, prefix: prefix}, nil
}

func (b Bucket) key(sum string) string { return path.Join(b.prefix, sum[:2], sum) }

// Put keeps content. It is read whole first: its hash is its name, and the service gets it to check what arrived.
func (b Bucket) Put(ctx context.Context, content io.Reader) (string, int64, error) {
	raw, err := io.ReadAll(io.LimitReader(content, MostBytes+1))
	if err != nil {
		return "", 0, fmt.Errorf("document: %w", err)
	}
	if len(raw) > MostBytes {
		return "", 0, ErrTooLarge
	}
	hash := sha256.Sum256(raw)
	sum := hex.EncodeToString(hash[:])
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	_, err = b.client.PutObject(ctx, b.name, b.key(sum), bytes.NewReader(raw), int64(len(raw)),
		minio.PutObjectOptions{ContentType: "application/octet-stream", SendContentMd5: true, DisableMultipart: true})
	if err != nil {
		return "", 0, fmt.Errorf("document: put into the bucket: %w", err)
	}
	return sum, int64(len(raw)), nil
}

// Get reads the content of a hash, and checks it: a service that answers with something else is found out.
func (b Bucket) Get(ctx context.Context, sum string) ([]byte, error) {
	if err := checkSum(sum); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	object, err := b.client.GetObject(ctx, b.name, b.key(sum), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("document: get from the bucket: %w", err)
	}
	defer object.Close() //nolint:errcheck // only read from: nothing can be lost
	raw, err := io.ReadAll(io.LimitReader(object, MostBytes+1))
	if err != nil {
		if answer := minio.ToErrorResponse(err); answer.StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("document: %w", fs.ErrNotExist)
		}
		return nil, fmt.Errorf("document: get from the bucket: %w", err)
	}
	return proved(raw, sum)
}
