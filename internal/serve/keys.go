package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"oax/internal/serve/live"
	"oax/internal/serve/recording"
)

// Idempotency-Key: a request that is repeated with its key asks once.

const maxKey = 128

// askOnce asks a question unless it was asked with the same key before, by this server or
// one before it. again says so.
func (s *Server) askOnce(key, path, id string, q question) (reply asked, again bool, failure *apiError) {
	if len(key) > maxKey || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return asked{}, false, badRequest("Idempotency-Key", "a key has 1 to 128 printable characters")
	}
	body, _ := json.Marshal(q)
	sum, content := hash(key), hash(path, string(body))
	lock := &s.keyLocks[int(sum[0])%len(s.keyLocks)]
	lock.Lock()
	defer lock.Unlock() // of two requests with one key the second waits for the first
	if known, ok := s.index.Key(sum); ok {
		if known.Content != content {
			return asked{}, false, &apiError{status: http.StatusUnprocessableEntity, code: "key_reused", message: "this Idempotency-Key was used for another request"}
		}
		return asked{known.Session, known.Turn, live.StartOf(known.Turn).String()}, true, nil
	}
	if reply, failure = s.begin(id, q, sum+":"+content); failure == nil {
		s.index.SetKey(sum, recording.Key{Content: content, Session: reply.Session, Turn: reply.Turn, Time: s.config.Now()})
	}
	return reply, false, failure
}

func hash(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
