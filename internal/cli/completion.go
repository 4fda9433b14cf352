package cli

import "context"

// completionCommand prints what a shell reads so that Tab completes oax.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script, which begins with how to install it.
func (c *completionCommand) Run(_ context.Context, env *Env) error {
	return env.print(map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell])
}

// The scripts ask oax itself, which they find as any command, and evaluate nothing of
// its reply. See completeCommand for what is in that.

// Bash cuts the line into words at ":", "=" and "@" too, so that oax gets the line as
// it is, and $2, which is what an inserted word replaces. Readline completes files by
// itself where the function leaves it that default.
const bashScript = `# Tab completion of oax for bash. To install it:
#   echo 'eval "$(oax completion bash)"' >> ~/.bashrc

_oax() {
	local kind='' word
	COMPREPLY=()
	{
		read -r kind
		while IFS= read -r word; do COMPREPLY+=("$word"); done
	} < <(command oax __complete bash "${COLUMNS:-80}" -- "$COMP_TYPE" "$2" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
	[[ $kind == files ]] || compopt +o default +o bashdefault 2>/dev/null
}
complete -o nosort -o bashdefault -o default -F _oax oax 2>/dev/null ||
	complete -o bashdefault -o default -F _oax oax
`

const zshScript = `#compdef oax
# Tab completion of oax for zsh. To install it, behind compinit:
#   echo 'source <(oax completion zsh)' >> ~/.zshrc
# or as a file named _oax in a directory of $fpath.

_oax() {
	local -a reply shown
	reply=("${(@f)$(command oax __complete zsh "$COLUMNS" -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
	case $reply[1] in
	files)
		compset -P '--[^=]#='
		_files
		;;
	plain)
		shift reply
		compadd -V oax -a reply
		;;
	list)
		shift reply
		shown=("${(@)reply#*$'\t'}")
		reply=("${(@)reply%%$'\t'*}")
		compadd -l -V oax -d shown -a reply
		;;
	*)
		return 1
		;;
	esac
}
if [[ $funcstack[1] == _oax ]]; then _oax "$@"; else compdef _oax oax; fi
`

const fishScript = `# Tab completion of oax for fish. To install it:
#   oax completion fish > ~/.config/fish/completions/oax.fish

function __oax_complete
    set -l word (commandline -ct)
    set -l plain (string unescape -- $word; or echo -- $word)
    set -l reply (command oax __complete fish $COLUMNS -- (commandline -opc)[2..-1] "$plain" 2>/dev/null)
    if test "$reply[1]" = files
        set -l flag (string match -r -- '^--[^=]*=' $word)
        for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $word))
            echo -- "$flag$path"
        end
    else
        set -e reply[1]
        printf '%s\n' $reply
    end
end
complete -c oax -f -k -a '(__oax_complete)'
`
