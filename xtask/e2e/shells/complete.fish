# What fish completes: complete.fish SCRIPT LINE..., one line of candidates for each LINE.
source $argv[1]
for line in $argv[2..]
    echo (complete -C $line | string split -f 1 \t)
end
