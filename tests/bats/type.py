#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Type at an interactive shell, and tell which words it made of it.

usage: type.py bash|zsh|fish COMPLETION TEXT...

COMPLETION is a directory with the files below share/ of an installation. Each TEXT
is typed at a prompt; a tab in it completes, and ^X inserts all that is offered.
Then it is run, as arguments of a command that keeps them: they are printed a line
each, and "--" behind them; a newline in a word is shown as "<newline>".
"""

import os
import pty
import select
import sys
import tempfile
import time

LIMIT = 30  # seconds, of each text

RC = {
    "bash": """
PS1='ready> ' HISTFILE=
. /usr/share/bash-completion/bash_completion
bind '"\\C-x": insert-completions' 'set completion-query-items 0' \\
    'set enable-bracketed-paste off' 'set bell-style none'
show() { printf '%s\\0' "$@" >"$OUT.new"; mv "$OUT.new" "$OUT"; }
""",
    "zsh": """
PS1='ready> ' HISTFILE= LISTMAX=-1
unsetopt beep zle_bracketed_paste 2>/dev/null
unset zle_bracketed_paste
fpath=("$SHARE/zsh/site-functions" $fpath)
autoload -Uz compinit && compinit -u -D
bindkey -e
setopt no_auto_menu no_list_ambiguous no_always_last_prompt
zle -C everything complete-word _generic
zstyle ':completion:everything:*' completer _all_matches _complete
zstyle ':completion:everything:*' insert yes
bindkey '^X' everything
bindkey '^I' complete-word
show() { printf '%s\\0' "$@" >"$OUT.new"; mv "$OUT.new" "$OUT"; }
""",
    "fish": """
function fish_prompt; echo -n 'ready> '; end
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function everything
    set -l all (complete -C (commandline -cp) | string replace -r '\\t.*' '')
    commandline -t ''
    commandline -i -- (string join -- ' ' (string escape -- $all))
end
bind \\cx everything
function show; printf '%s\\0' $argv >$OUT.new; mv $OUT.new $OUT; end
""",
}


def start(shell, share, work):
    """Return the master end of a terminal with the shell in it."""
    rc = os.path.join(work, ".zshrc")
    with open(rc, "w", encoding="utf-8") as file:
        file.write(RC[shell])
    argv = {
        "bash": ["bash", "--noprofile", "--rcfile", rc, "-i"],
        "zsh": ["zsh", "-i"],
        "fish": ["fish", "--init-command", f"source {rc}"],
    }[shell]
    env = {
        **os.environ, "HOME": work, "ZDOTDIR": work, "TERM": "dumb",
        "LC_ALL": "C.UTF-8", "OUT": os.path.join(work, "out"), "SHARE": share,
        "XDG_DATA_DIRS": f"{share}:/usr/share", "XDG_CONFIG_HOME": work,
        "XDG_DATA_HOME": work,
    }
    child, master = pty.fork()
    if child == 0:
        os.execvpe(argv[0], argv, env)
    return master


class Terminal:
    """What a person sees."""

    def __init__(self, master):
        self.master, self.seen = master, b""

    def until(self, done, what):
        """Read until done() is true."""
        end = time.monotonic() + LIMIT
        while not done():
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    sys.exit(f"the shell has ended: {self.seen!r}")
            if time.monotonic() > end:
                sys.exit(f"{what} did not come: {self.seen!r}")

    def prompt(self):
        """Wait for it. What came before is forgotten."""
        self.until(lambda: b"ready> " in self.seen, "the prompt")
        self.seen = b""

def main():
    shell, share, *texts = sys.argv[1:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        out = os.path.join(work, "out")
        terminal = Terminal(start(shell, share, work))
        for text in texts:
            terminal.prompt()
            os.write(terminal.master, (text + "\001show \r").encode())
            terminal.until(lambda: os.path.exists(out), f"the end of {text!r}")
            with open(out, encoding="utf-8") as file:
                words = file.read().split("\0")[:-1]
            os.unlink(out)
            for word in words:
                print(word.replace("\n", "<newline>"))
            print("--")


main()
