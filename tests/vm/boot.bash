# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The boot tests' side of the runner. A file of boot/ has
#   name='what is shown'
#   before()    prepares; then the machine reboots, and
#   after()     judges. If there is an after2() the machine reboots again and that
#               one judges, and so on. If before() calls next_boot_power_cut the
#               machine is not shut down, it starts anew in the middle of all.
# Lines that after() prints with a "# " in front are shown even when all is well.
# One boot both judges a test and prepares the next one.

state=/var/lib/azf-test/boot-state    # the test under way: INDEX ROUND
tried=/var/lib/azf-test/boot-tried    # the INDEX of a test that failed once
log=/run/azf-test/part.log
# From the runner:
: "${tests:?}"
names=("${names[@]}")

# Sets $files: what was asked for, in order.
choose_tests() {
    local file name
    files=()
    for file in "$tests"/boot/*.bash; do
        (( ${#names[@]} )) || files+=("$file")
        for name in "${names[@]}"; do
            if [[ $(basename "$file" .bash) == "$name" || $(name_of "$file") =~ $name ]]; then
                files+=("$file")
                break
            fi
        done
    done
}

name_of() { sed -n "s/^name=['\"]\(.*\)['\"]\$/\1/p" "$1"; }

# In a shell of its own, so that "set -e" counts whatever we test here.
part() {
    # shellcheck disable=SC2016
    bash -eEuo pipefail -c '
        trap '\''echo "line $LINENO: failed: $BASH_COMMAND" >&2'\'' ERR
        . "$0"; . "$1"; "$2"' "$tests/lib.bash" "$1" "$2" >"$log" 2>&1
}

verdict() {
    local index=$1 outcome=$2
    echo "$outcome $((index + 1)) $(name_of "${files[index]}")"
    if [[ $outcome == ok ]]; then
        sed -n '/^# /p' "$log"
        return
    fi
    why
}

why() { { cat "$log"; boot_evidence; } | sed 's/^/# /'; }

# As for live tests: one may fail once, and everybody hears of it. Fails if this
# one did so before.
second_try() {
    [[ ! -e $tried || $(<"$tried") != "$1" ]] || return 1
    echo "$1" >"$tried"
    echo "# second try: $(name_of "${files[$1]}")"
    why
    clean
    prepare "$1"
    return 0
}

boot_evidence() {
    echo '--- mount units'
    journalctl --boot --no-pager --output=short-monotonic --lines=30 \
        UNIT=srv-share.mount + UNIT=srv-share.automount + _COMM=mount + _COMM=mount.azfiles
    evidence
}

reboot_to() {
    printf '%s\n' "$1 $2" >"$state"
    # of this file alone: a mount without its server would not end it
    sync --file-system "$state"
    echo '@reboot'
    [[ ! -e $AZF_STATE/power-cut ]] || { sleep 0.5; echo b >/proc/sysrq-trigger; }
    systemctl reboot
    sleep infinity
}

# The round of a test after its boot; another boot, if the test has more rounds.
judge() {
    local index=$1 round=$2 number=
    (( round == 1 )) || number=$round
    evidence_begin "$(name_of "${files[index]}")"
    # All of this boot counts as this test's.
    echo 0 >"$AZF_STATE/smb-log-size"
    if ! part "${files[index]}" "after$number"; then
        second_try "$index" || verdict "$index" 'not ok'
    elif grep -q "^after$((round + 1))()" "${files[index]}"; then
        sed -n '/^# /p' "$log"
        reboot_to "$index" $((round + 1))
    else
        verdict "$index" ok
    fi
    clean
}

prepare() {
    local index=$1
    echo "@test $index $(name_of "${files[index]}")"
    evidence_begin "$(name_of "${files[index]}")"
    if part "${files[index]}" before; then
        : >"$AZF_SMB_LOG"
        reboot_to "$index" 1
    fi
    second_try "$index" || verdict "$index" 'not ok'
    clean
}

boot_tests() {
    local index round
    choose_tests
    if [[ -e $state ]]; then
        read -r index round <"$state"
        rm "$state"
        echo "@test $index $(name_of "${files[index]}")"
        judge "$index" "$round"
        index=$((index + 1))
    else
        index=$(argument from 0)
        (( index > 0 )) || echo "1..${#files[@]}"
    fi
    for (( ; index < ${#files[@]}; index++)); do
        prepare "$index"
    done
}

boot_tests
