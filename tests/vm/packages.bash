# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What "run packages" tests, in a minimal guest: our packages installed with apt, one
# line of fstab, a reboot; an upgrade while it is mounted; and nothing left behind.

tests=/opt/azf-test
state=/var/lib/azf-test
log=/run/azf-test/part.log
export DEBIAN_FRONTEND=noninteractive
exec 3>&1
: "${MNT:?}" "${HOST1:?}"

# shellcheck source=tests/packages/listing.bash
. "$tests/listing.bash"
unlisted+=(
    # the tests' own, of both disks
    ./etc/azf-test ./opt/azf-test ./var/lib/azf-test
    ./run                              # of this boot
    ./var/lib/apt ./var/cache/apt      # apt's memory
    ./var/cache/debconf
    ./var/lib/systemd                  # when timers ran
    ./var/tmp
)

# try NUMBER DESCRIPTION FUNCTION: passes if no command in it fails. As what "if" asks
# for the subshell would ignore its "set -e".
try() {
    local status
    echo "@step $2"
    set +e
    (set -eEuo pipefail; trap 'echo "line $LINENO: failed: $BASH_COMMAND"' ERR; "$3") >"$log" 2>&1
    status=$?
    set -e
    if (( status == 0 )); then
        echo "ok $1 $2 # $SECONDS s"
    else
        echo "not ok $1 $2"
        { tail -n 60 "$log"; journalctl --boot --no-pager --lines=40 --priority=info; } | sed 's/^/# /'
    fi
}

# apt-get, with a sign of life for the host at each package.
apt() {
    apt-get "$@" </dev/null |
        tee >(sed -u -n 's/^\(Unpacking\|Setting up\|Removing\|Purging\) .*/@step &/p' >&3)
}

packages() { dpkg-query -W -f '${Package}\n' | sort; }

prepare() {
    echo 'deb [trusted=yes] file:/opt/azf-test/debs ./' >/etc/apt/sources.list.d/azfiles.list
    apt update
    packages >"$state/packages"
    listing / times >"$state/before"
    # dpkg has heard of those, too, that others suggest
    { dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'azfiles*' 'libazf*' cifs-utils keyutils ||
        :; } 2>/dev/null >"$state/of-ours"
    cat "$state/of-ours"
    [[ -z $(sed -n '/^installed/p' "$state/of-ours") ]]
}

installs() {
    apt install -y azfiles
    getent passwd azfiles
    systemctl is-active azfiles-refresh.path
}

one_line() {
    mkdir -p "$MNT"
    cp -p /etc/fstab "$state/fstab"
    echo "//$HOST1/share  $MNT  azfiles  identity=system,_netdev,nofail  0 0" >>/etc/fstab
}

is_mounted() {
    within 100 mounted "$MNT" sec=krb5
    echo hello >"$MNT/hello"
    [[ $(<"$MNT/hello") == hello ]]
    within 30 systemctl is-active azfiles-refresh.timer
}

upgrades() {
    local id
    id=$(findmnt --noheadings --output ID "$MNT")
    exec {file}>>"$MNT/open"
    systemctl enable --now azfiles-recover.timer
    echo '# of the administrator' >>/etc/request-key.d/azfiles.conf
    apt install -y --reinstall azfiles
    [[ $(findmnt --noheadings --output ID "$MNT") == "$id" ]]
    echo more >&"$file"
    exec {file}>&-
    [[ $(<"$MNT/open") == more && $(<"$MNT/hello") == hello ]]
    grep -q '^# of the administrator' /etc/request-key.d/azfiles.conf
    systemctl is-active azfiles-refresh.path
    systemctl is-active azfiles-refresh.timer
    systemctl is-active azfiles-recover.timer
    [[ -n $(find /run/azfiles -name ccache) ]]
}

# Purged with what came with it. That apt would keep some of it, since other packages
# suggest it, is not our doing.
purges() {
    local came
    mapfile -t came < <(packages | comm -13 "$state/packages" -)
    umount "$MNT"
    cp -p "$state/fstab" /etc/fstab
    rmdir "$MNT"
    apt purge -y "${came[@]}"
    [[ ! -e /run/azfiles && ! -e /run/azfiles-credential.socket ]]
    [[ -z $(systemctl list-units --plain --no-legend --state=loaded 'azfiles*') ]]
    listing / times >"$state/after"
    diff "$state/before" "$state/after"
}

if [[ ! -e $state/rebooted ]]; then
    echo 1..5
    mkdir -p "$state"
    try 1 'a fresh machine' prepare
    try 2 'apt installs azfiles and what it needs' installs
    one_line
    touch "$state/rebooted"
    sync
    echo '@reboot'
    systemctl reboot
    sleep infinity
fi
try 3 'mounted, by one line of fstab and a reboot' is_mounted
try 4 'an upgrade keeps the mount and the configuration' upgrades
try 5 'purged, nothing is left' purges
