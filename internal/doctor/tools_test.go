package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTools: programs are looked for, schemas read, servers asked.
func TestTools(t *testing.T) {
	schema := filepath.Join(t.TempDir(), "a.json")
	must(t, os.WriteFile(schema, []byte(`{"name":"a"}`), 0o600))
	out, end := examine(t.Context(), t, `profile = "demo"
[tools.good]
command = ["sh", "-c", "exit 7"]
schema = "`+schema+`"
[tools.gone]
command = ["there-is-no-such-program"]
schema = "`+schema+`"
[tools.bad]
command = ["sh"]
schema = "none.json"
[mcp.dead]
url = "http://127.0.0.1:1/mcp"
`, time.Minute)
	for _, want := range []string{
		"ok  tool good      sh -c exit 7\n",
		"!!  tool gone      there is no program there-is-no-such-program\n",
		"!!  tool bad       the schema of the tool bad cannot be read: ",
		"!!  tool dead      the server dead cannot be reached: dial tcp 127.0.0.1:1: ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "clock") || end.Code != 2 || end.What != "there are problems with: tool bad, tool dead, tool gone" {
		t.Errorf("%+v\n%s", end, out)
	}
}
