# What zsh completes: complete.zsh SCRIPT LINE..., one line of candidates for each LINE.
# Completion needs a terminal, so that another zsh does it in one, and notes in a file what
# is offered.
zmodload zsh/zpty
notes=${1:h}/offered
started=${1:h}/started
rm -f $notes $started
zpty shell zsh -f -i
tell() { zpty -w shell "$1" }
tell "PS1= PS2= TERM=dumb; fpath=(${1:h} \$fpath); autoload -Uz compinit; compinit -u -D"
tell "compadd() { local -a offered; if (( ! \${@[(I)-[AOD]*]} )); then builtin compadd -A offered \"\$@\"; print -r -- \$offered >> $notes; fi; builtin compadd \"\$@\" }"
tell "finish() { print -r -- done >> $notes; zle kill-buffer }; note() { zle complete-word; finish }; zle -N note; bindkey '^O' note; touch $started"
for wait in {1..100}; do [[ -e $started ]] && break; sleep 0.1; done
shift
for line in "$@"; do
    : > $notes
    zpty -w -n shell "$line"$'\x0f'
    for wait in {1..100}; do [[ "$(tail -n 1 $notes)" = done ]] && break; sleep 0.1; done
    print -r -- $(grep -v '^done$' $notes)
done
zpty -d shell
