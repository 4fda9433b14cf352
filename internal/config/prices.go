package config

import "math"

// price is what a model costs, as the file has it: in any currency the person thinks in,
// for a million tokens.
type price struct {
	Input       *float64 `toml:"input"`
	CachedInput *float64 `toml:"cached_input"` // of the input, what the service had seen before
	Output      *float64 `toml:"output"`
}

// Price is what a million tokens cost.
type Price struct{ Input, CachedInput, Output float64 }

// Price returns what the file says a model costs under a profile. It is not known unless
// both input and output are given; cached input costs as much as other input unless the
// file says less.
func (f *File) Price(profile, model string) (Price, bool) {
	p, ok := f.profiles[profile].Prices[model]
	if !ok || p.Input == nil || p.Output == nil {
		return Price{}, false
	}
	known := Price{Input: *p.Input, CachedInput: *p.Input, Output: *p.Output}
	if p.CachedInput != nil {
		known.CachedInput = *p.CachedInput
	}
	return known, true
}

// wrongPrice returns the setting that is no price, or nothing.
func (p profile) wrongPrice() (setting string) {
	for model, price := range p.Prices {
		for name, amount := range map[string]*float64{"input": price.Input, "cached_input": price.CachedInput, "output": price.Output} {
			if amount != nil && (*amount < 0 || math.IsNaN(*amount) || math.IsInf(*amount, 0)) {
				return "prices." + model + "." + name
			}
		}
	}
	return ""
}
