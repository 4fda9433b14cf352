package config

import (
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Which settings there are, and which values they take.

// document is the file as TOML has it; its tags are the one list of settings.
type document struct {
	Profile   string                   `toml:"profile"`
	Profiles  map[string]profile       `toml:"profiles"`
	Templates map[string]templateTable `toml:"templates"`
	Display   struct {
		Time   string   `toml:"time"`
		Wrap   *int     `toml:"wrap"`
		Notify duration `toml:"notify"`
	} `toml:"display"`
	Serve Serve             `toml:"serve"`
	Tools map[string]Tool   `toml:"tools"`
	MCP   map[string]Server `toml:"mcp"`
}

// Serve is what the file says of oax serve.
type Serve struct {
	Listen  string   `toml:"listen"`  // the address; empty if not set
	Hosts   []string `toml:"hosts"`   // names that requests may be sent to, beside localhost
	Origins []string `toml:"origins"` // of pages that may use the relay
	Keep    bool     `toml:"keep"`    // an answer goes on when the program that asked goes away
}

// profile is an endpoint as the file describes it.
type profile struct {
	Endpoint       string            `toml:"endpoint"` // the built-in one that it is like
	BaseURL        string            `toml:"base_url"`
	Key            string            `toml:"key"` // empty once it is in secret
	KeyEnv         string            `toml:"key_env"`
	KeyCommand     string            `toml:"key_command"`
	Model          string            `toml:"model"`
	APIVersion     string            `toml:"api_version"` // Azure's
	API            string            `toml:"api"`         // by which models are asked: Completions or Responses
	SystemRole     string            `toml:"system_role"` // of the system message
	Timeout        duration          `toml:"timeout"`
	ConnectTimeout duration          `toml:"connect_timeout"`
	Proxy          string            `toml:"proxy"` // empty once it is in proxy
	CAFile         string            `toml:"ca_file"`
	AllowPlainHTTP bool              `toml:"allow_plain_http"`
	ReasoningTags  bool              `toml:"reasoning_tags"`
	Headers        map[string]string `toml:"headers"` // nil once they are in headers
	Params         map[string]any    `toml:"params"`
	Prices         map[string]price  `toml:"prices"` // by model

	secret  Secret
	proxy   Secret // its URL may hold a password
	headers map[string]Secret

	fallbackEnv string // a variable that may hold the key if nothing above does
}

// price is what a model costs for a million tokens, in the person's own currency.
type price struct {
	Input       *float64 `toml:"input"`
	CachedInput *float64 `toml:"cached_input"` // of input that the service had cached
	Output      *float64 `toml:"output"`
}

// Price is what a million tokens cost.
type Price struct{ Input, CachedInput, Output float64 }

// Price returns what the file says a model costs under a profile. It is known only if
// both input and output are set; cached input costs as much as other input unless the
// file says less.
func (f *File) Price(profile, model string) (_ Price, known bool) {
	p, ok := f.profiles[profile].Prices[model]
	if !ok || p.Input == nil || p.Output == nil {
		return Price{}, false
	}
	price := Price{Input: *p.Input, CachedInput: *p.Input, Output: *p.Output}
	if p.CachedInput != nil {
		price.CachedInput = *p.CachedInput
	}
	return price, true
}

// duration is a time as 90s or 1h30m.
type duration string

const aDuration = `a time in quotes, as "90s" or "5m"`

// value returns 0 if d is no duration or not above 0.
func (d duration) value() time.Duration {
	parsed, err := time.ParseDuration(string(d))
	if err != nil {
		return 0
	}
	return max(parsed, 0)
}

// NoProxy in a profile makes its requests ignore every proxy.
const NoProxy = "none"

// The APIs by which models are asked.
const (
	Completions = "completions" // chat completions; the default
	Responses   = "responses"
)

// ProxyURL reports whether text is the URL of a proxy that can be used.
func ProxyURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, strings.ToLower(u.Scheme))
}

// check moves what may be secret into a Secret, so that nothing prints it, and refuses
// values that cannot be used in a request. The error is a *ParseError.
func (f *File) check() error {
	for _, name := range slices.Sorted(maps.Keys(f.profiles)) {
		p := f.profiles[name]
		setting, problem := p.problem()
		p.hide()
		f.profiles[name] = p
		if problem != "" {
			return f.invalid("profiles."+name+"."+setting, problem)
		}
	}
	if f.Wrap != nil && *f.Wrap < 0 {
		return f.invalid("display.wrap", "must be a number of columns, or 0")
	}
	if f.notify != "" && f.notify.value() == 0 {
		return f.invalid("display.notify", "must be "+aDuration)
	}
	f.Notify = f.notify.value()
	return f.checkTools()
}

func (p *profile) hide() {
	p.secret, p.Key = secret(p.Key), ""
	p.proxy, p.Proxy = secret(p.Proxy), ""
	for name, value := range p.Headers {
		if p.headers == nil {
			p.headers = map[string]Secret{}
		}
		p.headers[name] = secret(value)
	}
	p.Headers = nil
}

// problem returns the first setting with an invalid value, and what it must be.
func (p profile) problem() (setting, problem string) {
	if _, err := json.Marshal(p.Params); err != nil {
		return "params", "nan and inf cannot be sent in a request"
	}
	if setting := p.invalidPrice(); setting != "" {
		return setting, "must be a number that is not negative"
	}
	if _, known := builtins()[p.Endpoint]; p.Endpoint != "" && !known {
		names := slices.Sorted(maps.Keys(builtins()))
		if near := Nearest(p.Endpoint, names); near != "" {
			return "endpoint", "no such endpoint; did you mean " + near + "?"
		}
		return "endpoint", "must be one of " + strings.Join(names, ", ")
	}
	if roles := []string{"", "system", "developer", "user"}; !slices.Contains(roles, p.SystemRole) {
		return "system_role", "must be system, developer or user"
	}
	if !slices.Contains([]string{"", Completions, Responses}, p.API) {
		return "api", "must be completions or responses"
	}
	if !ProxyURL(p.Proxy) && p.Proxy != "" && p.Proxy != NoProxy {
		return "proxy", `must be as "http://host:port" or "socks5://host:port", or "none"`
	}
	for setting, d := range map[string]duration{"timeout": p.Timeout, "connect_timeout": p.ConnectTimeout} {
		if d != "" && d.value() == 0 {
			return setting, "must be " + aDuration
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		// RFC 9110, section 5.6.2.
		notInName := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }
		if name == "" || strings.ContainsFunc(name, notInName) {
			return "headers." + name, "this cannot be the name of a header"
		}
		if strings.ContainsFunc(p.Headers[name], unicode.IsControl) {
			return "headers." + name, "a header cannot hold a line break or control character"
		}
	}
	return "", ""
}

// invalidPrice returns the setting that is no price, or nothing.
func (p profile) invalidPrice() (setting string) {
	for model, price := range p.Prices {
		for name, amount := range map[string]*float64{"input": price.Input, "cached_input": price.CachedInput, "output": price.Output} {
			if amount != nil && (*amount < 0 || math.IsNaN(*amount) || math.IsInf(*amount, 0)) {
				return "prices." + model + "." + name
			}
		}
	}
	return ""
}

// typeOf returns the Go type of a setting, nil if there is no such setting.
func typeOf(path []string) reflect.Type {
	t := reflect.TypeFor[document]()
	for _, name := range path {
		switch t.Kind() {
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			fields := slices.Collect(t.Fields())
			i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return name != "" && strings.EqualFold(f.Tag.Get("toml"), name) })
			if i < 0 {
				return nil
			}
			t = fields[i].Type
		default:
			return nil
		}
	}
	return t
}

// settingsOf returns the names of a table's settings.
func settingsOf(table reflect.Type) []string {
	var list []string
	for f := range table.Fields() {
		if name := f.Tag.Get("toml"); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func settingNames() []string {
	list := settingsOf(typeOf(nil))
	for _, table := range [][]string{{"profiles", "*"}, {"templates", "*"}, {"display"}, {"serve"}, {"tools", "*"}, {"mcp", "*"}} {
		list = append(list, settingsOf(typeOf(table))...)
	}
	return list
}

// firstUnknown returns the first part of the path that is no setting, and the names of
// the settings of its table.
func firstUnknown(path []string) (name string, siblings []string) {
	for i, part := range path {
		if typeOf(path[:i+1]) != nil {
			continue
		}
		if table := typeOf(path[:i]); table.Kind() == reflect.Struct {
			siblings = settingsOf(table)
		}
		return part, siblings
	}
	return strings.Join(path, "."), nil
}

// expected says which kind of value a setting takes.
func expected(path []string) string {
	t := typeOf(path)
	for t == nil && len(path) > 0 { // a table in place of a value
		path = path[:len(path)-1]
		t = typeOf(path)
	}
	if t == reflect.TypeFor[duration]() {
		return aDuration
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer: // a price, or a number of columns
		return "a number"
	case reflect.Slice:
		return "a list of texts in quotes"
	case reflect.Map, reflect.Struct:
		return "a table"
	}
	return "a text in quotes"
}
