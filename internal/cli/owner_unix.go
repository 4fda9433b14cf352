//go:build unix

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
)

// someoneElses returns the file or directory in dir that stopped us with a
// permission, and the user it belongs to, if that is not us: most often root, after
// one sudo.
func someoneElses(err error, dir string) (path, owner string) {
	denied, ok := errors.AsType[*fs.PathError](err)
	if !ok || !errors.Is(err, fs.ErrPermission) {
		return "", ""
	}
	for path = denied.Path; strings.HasPrefix(path, dir); path = filepath.Dir(path) {
		info, err := os.Lstat(path)
		if err != nil { // not there, or not to be seen from here
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(stat.Uid) == os.Geteuid() {
			return "", ""
		}
		return path, userName(stat.Uid)
	}
	return "", ""
}

func userName(id uint32) string {
	u, err := user.LookupId(fmt.Sprint(id))
	if err != nil {
		return fmt.Sprint("user ", id)
	}
	return u.Username
}
