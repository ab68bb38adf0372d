#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
#     completion.bash PROGRAM COMPLETIONS
#
# The shells' completions: their syntax, and what the one of Bash completes.
set -euo pipefail

program=$1 completions=$2
failures=0

bash -n "$completions/anisograd.bash"
if command -v zsh > /dev/null; then
    zsh -n "$completions/_anisograd"
fi
if command -v fish > /dev/null; then
    fish --no-execute "$completions/anisograd.fish"
fi

# As in a shell that has the program on its path.
PATH=$(dirname "$program"):$PATH
# It is there in a completion alone.
options=
compopt() {
    options="$*"
}
# shellcheck disable=SC1091 # CMake writes it
source "$completions/anisograd.bash"
if [[ $(complete -p anisograd) != "complete -F _anisograd anisograd" ]]; then
    echo "anisograd has no completion" >&2
    exit 1
fi

# expect EXPECTED WORD...: the last word is to be completed. EXPECTED: the words that fit, "files" for file names.
expect() {
    local expected=$1 found
    shift
    COMP_WORDS=(anisograd "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    options=
    _anisograd anisograd "${*: -1}" ""
    found=${COMPREPLY[*]}
    if [[ $options == "-o default" ]]; then
        found=files
    fi
    if [[ $found != "$expected" ]]; then
        echo "anisograd $*: '$found', expected '$expected'" >&2
        failures=$((failures + 1))
    fi
}

expect "info train predict evaluate compare bench selftest" ""
expect "train" tr
expect "" nothing
expect "--help --version" --
expect "--tolerance --threads" train a9a --t
expect "adagrad adagrad-norm sgd" train --method ""
expect "adagrad adagrad-norm" train --method ad
expect "adagrad adagrad-norm sgd" train --method "="
expect "sgd" train --method "=" s
expect "box" train a9a --constraint b
expect "" train --epochs ""
expect "files" train ""
expect "files" train --intercept ""
expect "files" train --save mo
expect "files" predict --load ""
expect "labels probabilities margins" predict --load a9a.model --as ""
expect "last average" evaluate --iterate ""
expect "f32 f64" bench --precision ""
expect "" bench ""
expect "--all" selftest --a

# Each command's options are those of its help text.
for command in info train predict evaluate compare bench selftest; do
    expect "$("$program" $command --help | grep -oE '^  (-h,)?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | paste -sd ' ')" \
        $command --
done

echo "$failures failures"
[[ $failures -eq 0 ]]
