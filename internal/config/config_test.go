package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestLoadMissingIsEmpty(t *testing.T) {
	f, warnings, err := Load(filepath.Join(t.TempDir(), "none", "config.toml"))
	if f == nil || f.Profile != "" || warnings != nil || err != nil {
		t.Error(f, warnings, err)
	}
}

func TestLoad(t *testing.T) {
	f := load(t, "\ufeff"+`profile = "work"
[display]
time = "%R"
[profiles.work]
base_url = "https://a.example/v1"
[profiles.work.params]
temperature = 0.5
nested = { a = [1, true, "x"] }
`)
	if f.Profile != "work" || f.TimeFormat != "%R" {
		t.Errorf("%+v", f)
	}
	params := f.profiles["work"].Params
	if params["temperature"] != 0.5 || fmt.Sprint(params["nested"]) != "map[a:[1 true x]]" {
		t.Errorf("params %v", params)
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	for _, path := range []string{t.TempDir(), os.DevNull} {
		_, _, err := Load(path)
		e, ok := errors.AsType[*FileError](err)
		if !ok || e.Err != nil || err.Error() != path+" is not a regular file" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestLoadSaysWhyItCannotRead(t *testing.T) {
	path := filepath.Join(write(t, ""), "below-a-file")
	_, _, err := Load(path)
	if !strings.HasPrefix(err.Error(), "cannot read "+path+": ") || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestLoadWarnsOfExposedKey(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no mode bits")
	}
	for _, tt := range []struct {
		source string
		mode   fs.FileMode
		warns  bool
	}{
		{"[profiles.a]\nkey = \"k\"", 0o644, true},
		{"[profiles.a]\nkey = \"k\"", 0o620, true},
		{"[profiles.a]\nkey = \"k\"", 0o600, false},
		{"[profiles.a]\nkey = \"\"\nkey_env = \"K\"", 0o644, false},
	} {
		path := write(t, tt.source)
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		_, warnings, err := Load(path)
		if err != nil || (len(warnings) == 1) != tt.warns {
			t.Fatalf("%o: %v %v", tt.mode, warnings, err)
		}
		if !tt.warns {
			continue
		}
		want := fmt.Sprintf("%s is readable by other users (%04o)", path, tt.mode)
		if w := warnings[0]; w.String() != want || w.Hint != "chmod 600 "+path {
			t.Errorf("%q, %q", w, w.Hint)
		}
	}
}

func TestUnknownSettings(t *testing.T) {
	for _, tt := range []struct {
		source, text, hint string
		at                 string
	}{
		{"[profiles.a]\n\nmodle = 'x'", `unknown setting "modle"`, "did you mean model?", "3:1"},
		{"[dispaly]\ntime = 'x'", `unknown setting "dispaly"`, "did you mean display?", "1:2"},
		{"[sessions]\nname = '%Y'", `unknown setting "sessions"`, "", "1:2"},
		{"[templates.review]\nenv = ['USER']", `unknown setting "env"`, "", "2:1"},
		{"[templates.review]\nmessages = []", `unknown setting "messages"`, "", "2:1"},
		{"profiles.a.x.y = 1", `unknown setting "x"`, "", "1:1"},
		{"[template.review]\nsystem = 'x'", `unknown setting "template"`, "did you mean templates?", "1:2"},
		{"[templates.review]\nsytem = 'x'", `unknown setting "sytem"`, "did you mean system?", "2:1"},
		{"[profiles.'a b']\nKey_Evn = 'x'", `unknown setting "Key_Evn"`, "", "2:1"},
	} {
		path := write(t, tt.source+"\n")
		f, warnings, err := Load(path)
		if f == nil || err != nil || len(warnings) != 1 {
			t.Errorf("%q: %v %v", tt.source, warnings, err)
			continue
		}
		w := warnings[0]
		if w.Text != tt.text || w.Hint != tt.hint || w.String() != path+":"+tt.at+": "+tt.text {
			t.Errorf("%q: %q, %q", tt.source, w, w.Hint)
		}
	}
}

func TestUnknownSettingsDoNotHideTheRest(t *testing.T) {
	f, warnings, err := Load(write(t, "modle = 1\n[x]\ny = 1\n[profiles.a]\nmodel = 'm'\n"))
	if err != nil || len(warnings) != 2 || f.profiles["a"].Model != "m" {
		t.Error(f, warnings, err)
	}
}

func TestParseErrors(t *testing.T) {
	for source, want := range map[string]string{
		"profile = 3":       "1:11: profile: must be a text in quotes",
		"profile.x = 3":     "1:9: profile.x: must be a text in quotes; did you mean [profiles.x]?",
		"profiles = 3":      "1:12: profiles: must be a table",
		"[[profiles]]":      "1:3: profiles: must be a table",
		"[profiles]\na = 3": "2:5: profiles.a: must be a table",
		"[profiles.a]\nallow_plain_http = 'CANARY'":    "2:20: profiles.a.allow_plain_http: must be true or false",
		"[profiles.a]\nkey = ['CANARY']":               "2:7: profiles.a.key: must be a text in quotes",
		"[profiles.a]\nkey = {CANARY='CANARY'}":        "2:7: profiles.a.key: must be a text in quotes",
		"[profiles.a]\nkey = 12345":                    "2:7: profiles.a.key: must be a text in quotes",
		"[profiles.a]\nkey = 1e99999":                  "2:7: profiles.a.key: this is not valid TOML",
		"[profiles.a]\nkey = # CANARY":                 "2:7: key: a value is missing",
		"[profiles.a]\nkey = \n":                       "2:7: key: a value is missing",
		"[profiles.a]\nkey = CANARY":                   "2:7: key: a text must be in quotes",
		"[profiles.a]\nkey = 1CANARY":                  "2:8: key: a text must be in quotes",
		"[profiles.a]\nkey = 'CANARY":                  "2:13: key: a quote is not closed",
		"[profiles.a]\nkey = \"CANARY\\q\"":            `2:14: key: a backslash in "..." must be doubled, or the text put in '...'`,
		"[profiles.a]\nkey = 'CANARY' CANARY":          "2:16: key: something follows the value",
		"[profiles.a]\nkey CANARY":                     "2:5: a name must be followed by =",
		"[profiles.a]\nkey =":                          "2:5: key: a value is missing",
		"[profiles.a]\nkey = '''\nCANARY=":             "3:7: a quote is not closed",
		"[profiles.a]\nkey='a'\nkey = 'CANARY'":        "3:1: key: is set twice",
		"[profiles.a\nkey='CANARY'":                    "1:12: a table name must end in ]",
		"[profiles.a]\nparams.x = [1":                  "2:13: a bracket is not closed",
		"[profiles.a]\nkey = 'CANARY\xff'":             "2:14: key: the file is not UTF-8",
		"[profiles.a]\ntimeout = 90":                   `2:11: profiles.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		"[profiles.a]\ntimeout = '90'":                 `2:1: profiles.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		"[profiles.a]\ntimeout = '-1s'":                `2:1: profiles.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		"[profiles.a]\ntimeout = true":                 `2:11: profiles.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		"[profiles.a]\nendpoint = 'olama'":             "2:1: profiles.a.endpoint: no such endpoint; did you mean ollama?",
		"[profiles.a]\n\nsystem_role = 'CANARY'":       "3:1: profiles.a.system_role: must be system, developer or user",
		"[profiles.a]\napi = 'CANARY'":                 "2:1: profiles.a.api: must be completions or responses",
		"[profiles.a]\nproxy = 'u:CANARY@h:1'":         `2:1: profiles.a.proxy: must be as "http://host:port" or "socks5://host:port", or "none"`,
		"[profiles.a]\nproxy = 'socks://h:1'":          `2:1: profiles.a.proxy: must be as "http://host:port" or "socks5://host:port", or "none"`,
		"[profiles.a]\nheaders = { 'a b' = 'CANARY' }": "2:13: profiles.a.headers.a b: this cannot be the name of a header",
		"[profiles.a]\nheaders.X = \"CANARY\\nx\"":     "2:9: profiles.a.headers.X: a header cannot hold a line break or control character",
		"[profiles.a.headers]\nX = 1":                  "2:5: profiles.a.headers.X: must be a text in quotes",
		"[display]\nnotify = 10":                       `2:10: display.notify: must be a time in quotes, as "90s" or "5m"`,
		"[display]\nnotify = '0s'":                     `2:1: display.notify: must be a time in quotes, as "90s" or "5m"`,
		"[serve]\nhosts = 'studio.example'":            "2:9: serve.hosts: must be a list of texts in quotes",
		"[serve]\norigins = [1]":                       "2:12: serve.origins: must be a list of texts in quotes",
		"[serve]\nlisten = 127.0.0.1:80":               "2:15: listen: something follows the value",
		"[profiles.a.params]\nx = -nan":                "1:13: profiles.a.params: nan and inf cannot be sent in a request",
	} {
		path := write(t, source)
		_, _, err := Load(path)
		if err == nil || err.Error() != path+":"+want {
			t.Errorf("%q: %v", source, err)
			continue
		}
		if e, ok := errors.AsType[*ParseError](err); !ok || strings.Contains(fmt.Sprintf("%+v", *e), "CANARY") {
			t.Errorf("%q: %+v", source, err)
		}
	}
}

// FuzzLoad checks that no file makes Load panic and that no error, warning or
// print of the result has the value of a key in it.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "profile = 'a'\n", "[profiles.a]\nkey='x'\n[profiles.b.params]\nx=1\n", "a = '''", "a = [", "a = {", "\"", "[x]\nmodle=1\n", "\xff", "a.b.c=1e5\n[[a]]",
	} {
		f.Add([]byte(seed), byte(0))
	}
	const canary = "sk-CANARY-0123456789"
	lines := []string{"key = '%s'\n", "key = \"%s\"\n", "key = %s\n", "key = '%s\n", "key = ['%s']\n", "key = '''\n%s=\n", "key = '%s' %[1]s\n", "allow_plain_http = '%s'\n",
		"headers.X-Key = '%s'\n", "proxy = 'http://u:%s@h:1'\n", "proxy = '%s'\n", "timeout = '%s'\n", "endpoint = '%s'\n", "system_role = '%s'\n"}
	for shape := range lines {
		f.Add([]byte("[profiles.a]\nmodel = 'm'\n"), byte(shape))
	}
	f.Fuzz(func(t *testing.T, source []byte, shape byte) {
		line := fmt.Sprintf(lines[int(shape)%len(lines)], canary)
		file, warnings, err := parse("c", append(slices.Clone(source), "\n[profiles.zz]\n"+line...))
		printed := fmt.Sprintf("%+v %v %#v", file, err, warnings)
		if strings.Contains(printed, "CANARY") {
			t.Errorf("the key is in %s", printed)
		}
		if e, ok := errors.AsType[*ParseError](err); ok && strings.Contains(fmt.Sprintf("%#v", *e), "CANARY") {
			t.Errorf("the key is in %#v", *e)
		}
		if err == nil {
			list, _ := file.Show(Settings{Profile: "zz", Env: env(map[string]string{"OPENAI_API_KEY": canary})})
			if shown := strings.Join(settings(file, list), "\n"); strings.Contains(shown, "CANARY") {
				t.Errorf("the key is in %s", shown)
			}
		}
		if err == nil != (file != nil) {
			t.Errorf("file %v beside error %v", file, err)
		}
		_, _, _ = parse("c", source)
	})
}
