package endpoint

// What a turn cost, by the tokens that the service counted.

import (
	"encoding/json"
	"fmt"
	"strconv"

	"oax/internal/chat"
	"oax/internal/config"
)

// Cost returns what a turn cost: by its tokens and the prices in the file, or as the
// service itself tells it. known is false if neither is known; nothing is estimated. The
// models are the names of the model, the one in the request first.
func Cost(file *config.File, profile string, usage json.RawMessage, models ...string) (amount float64, known bool) {
	t, ok := chat.ReadUsage(usage)
	if file == nil || !ok {
		return 0, false
	}
	for _, model := range models {
		price, priced := file.Price(profile, model)
		if !priced || t.Input+t.Output == 0 {
			continue
		}
		cached := min(t.Cached, t.Input)
		const perMillion = 1e-6
		return (float64(t.Input-cached)*price.Input + float64(cached)*price.CachedInput + float64(t.Output)*price.Output) * perMillion, true
	}
	amount, err := strconv.ParseFloat(string(t.Cost), 64)
	return amount, err == nil && amount >= 0
}

// Cost returns what the turn of an answer cost, if that is known.
func (e *Endpoint) Cost(m chat.Message) (amount float64, known bool) {
	return Cost(e.options.File, e.Profile, m.Usage, e.Model, m.Model)
}

// Money returns an amount as people write it, with more digits if it is small.
func Money(amount float64) string {
	switch {
	case amount == 0:
		return "$0"
	case amount < 0.001:
		return fmt.Sprintf("$%.6f", amount)
	case amount < 100:
		return fmt.Sprintf("$%.4f", amount)
	}
	return fmt.Sprintf("$%.2f", amount)
}
