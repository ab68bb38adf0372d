# SPDX-License-Identifier: BSD-3-Clause
# Fish completion: the program itself says what fits.

function __anisograd_complete
    set --local words (commandline --tokenize --cut-at-cursor --current-process) (commandline --cut-at-cursor --current-token)
    set --local reply ($words[1] --complete $words[2..] 2> /dev/null)
    if test "$reply[1]" = files
        __fish_complete_path (commandline --cut-at-cursor --current-token)
    else
        printf '%s\n' $reply[2..]
    end
end
complete --command anisograd --no-files --arguments '(__anisograd_complete)'
