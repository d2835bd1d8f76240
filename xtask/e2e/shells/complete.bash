# What bash completes: complete.bash SCRIPT LINE..., one line of candidates for each LINE.
# The word to be completed is what follows the last space.
. /usr/share/bash-completion/bash_completion
. "$1"
shift
function=$(complete -p createrepo-delta | sed 's/.*-F \([^ ]*\).*/\1/')
for line in "$@"; do
    COMP_LINE=$line
    COMP_POINT=${#line}
    IFS=' ' read -ra COMP_WORDS <<< "$line"
    [ "${line% }" = "$line" ] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    "$function" createrepo-delta "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
done
