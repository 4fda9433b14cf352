package config

import (
	"maps"
	"slices"
)

// Profiles returns the names there are, those of the file and the built-in ones, in
// order.
func (f *File) Profiles() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(f.profiles)), maps.Keys(builtins()))
	slices.Sort(names)
	return slices.Compact(names)
}
