package config

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
