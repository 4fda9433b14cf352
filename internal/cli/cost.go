package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/session"
)

// cost returns the money a turn cost, by the tokens that the service counted and the
// prices in the file, or as the service itself tells it (OpenRouter, "Usage accounting").
// Where either is not known there is no cost, and no guess. The models are the names it
// goes by, that which was asked for first.
func cost(file *config.File, profile string, usage json.RawMessage, models ...string) (money float64, known bool) {
	var t tokens
	if file == nil || len(usage) == 0 || json.Unmarshal(usage, &t) != nil {
		return 0, false
	}
	for _, model := range models {
		price, known := file.Price(profile, model)
		if !known || t.Prompt+t.Completion == 0 {
			continue
		}
		cached := min(t.PromptDetails.Cached, t.Prompt)
		const perMillion = 1e-6
		return (float64(t.Prompt-cached)*price.Input + float64(cached)*price.CachedInput + float64(t.Completion)*price.Output) * perMillion, true
	}
	told, err := strconv.ParseFloat(string(t.Cost), 64)
	return told, err == nil && told >= 0
}

// money is an amount as people write it; of a small one the digits that count.
func money(amount float64) string {
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

// cost says in a few words what a turn cost, if that is known.
func (p *place) cost(m chat.Message) string {
	if amount, known := cost(p.file, p.Profile, m.Usage, p.Model, m.Model); known {
		return money(amount)
	}
	return ""
}

// sessionCost adds up what the answers of a session cost, those that were asked for again
// too. It is not known if no answer's is; some tells that another one's is not.
func (env *Env) sessionCost(s *session.Session) (amount float64, known, some bool) {
	profile, model := "", ""
	for _, m := range s.Messages {
		switch m.Role {
		case chat.User:
			profile, model = m.Profile, m.Model
		case chat.Assistant:
			one, knows := cost(env.config, cmp.Or(profile, m.Profile, env.config.Profile, "openai"), m.Usage, model, m.Model)
			amount += one
			known, some = known || knows, some || !knows
		}
	}
	return amount, known, known && some
}
