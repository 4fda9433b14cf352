//go:build !unix

package session

import "errors"

func setUmask(int) {}

func limitFiles(uint64) error { return errors.ErrUnsupported }
