# Tab completion of oax for bash. To install it:
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
