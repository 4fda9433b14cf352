package tools

import (
	"context"
	"slices"

	"oax/internal/chat"
)

// Offer is the tools that go with requests, by their names. They are opened when the first
// request needs them. One goroutine at a time may use it.
type Offer struct {
	Options Options
	names   []string
	set     *Set
}

// NewOffer returns an Offer of the tools of those names. It does no input or output.
func NewOffer(o Options, names []string) *Offer { return &Offer{Options: o, names: names} }

// Definitions opens the tools, starts the servers that have them, and returns what a model
// is told of them. The errors are those of Open and Set.Tools.
func (o *Offer) Definitions(ctx context.Context) (offered []chat.ToolDefinition, err error) {
	if o.set == nil && len(o.names) > 0 {
		if o.set, err = Open(o.Options, o.names); err != nil {
			return nil, err
		}
	}
	if o.set == nil {
		return nil, nil
	}
	all, err := o.set.Tools(ctx)
	for _, t := range all {
		offered = append(offered, chat.ToolDefinition{Name: t.Wire, Description: t.Description, Parameters: t.Parameters})
	}
	return offered, err
}

// Set returns the tools that were opened, or nil.
func (o *Offer) Set() *Set { return o.set }

// Names returns the names of the tools that are offered, and all that Change takes but for
// single tools of servers. Both are the caller's.
func (o *Offer) Names() (offered, known []string) {
	return slices.Clone(o.names), names(o.Options.Config)
}

// Change makes it an Offer of other tools. It starts nothing. The error is that of Open for a
// name that is new, and the Offer is as it was then.
func (o *Offer) Change(names []string) error {
	added := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(o.names, name) })
	if _, err := Open(o.Options, added); err != nil { // Definitions opens them: Options.Log may be set later
		return err
	}
	o.Close()
	o.names = names
	return nil
}

// Close ends the servers.
func (o *Offer) Close() {
	if o.set != nil {
		o.set.Close()
		o.set = nil
	}
}
