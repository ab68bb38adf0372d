# SPDX-License-Identifier: BSD-3-Clause
# Bash completion: the program itself says what fits.

_anisograd() {
    local kind
    {
        read -r kind
        mapfile -t COMPREPLY
    } < <("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
    if [[ $kind == files ]]; then
        compopt -o default
    fi
} && complete -F _anisograd anisograd
