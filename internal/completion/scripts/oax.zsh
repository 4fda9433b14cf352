#compdef oax
# Tab completion of oax for zsh. To install it, after the line that runs compinit:
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
