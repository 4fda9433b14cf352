# Tab completion of oax for fish. To install it:
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
