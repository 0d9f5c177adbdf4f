# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For everything that runs inside the test VM: handles of the stand-in cloud,
# and what each test needs before and after. See guest/ for the cloud itself.
#
#   acct1 .. acct5        storage accounts; ACCT1_KEY1, ACCT1_KEY2 .. their keys
#   HOST1 .. HOST5        their names; at 10.77.0.11 .. .15 and fd77::11 .. ::15
#   share, share1..10     in each of them, stored under azure_dir ACCOUNT SHARE
#   203.0.113.11 .. .15   the accounts' public addresses
#   ADDR_REFUSED ADDR_SILENT ADDR_UNREACHABLE ADDR_NOBODY   where mounts fail

: "${BATS_TEST_NUMBER:=}"

# Made when the file service first starts; absent in a boot without it.
if [[ -e /var/lib/azf-test/keys.bash ]]; then
    # shellcheck source=/dev/null
    . /var/lib/azf-test/keys.bash
fi

# shellcheck disable=SC2034  # for the tests
{
    HOST1=acct1.file.core.windows.net
    HOST2=acct2.file.core.windows.net
    HOST3=acct3.file.core.windows.net
    HOST4=acct4.file.core.windows.net
    HOST5=acct5.file.core.windows.net
    ADDR_REFUSED=10.77.0.2
    ADDR_SILENT=10.77.0.3
    ADDR_UNREACHABLE=10.77.0.4
    ADDR_NOBODY=10.77.0.5
    MNT=/srv/share
    CRED=/root/acct1.cred
}

AZF_STATE=/run/azf-test
AZF_FSTAB=/var/lib/azf-test/fstab    # as it was before a test's lines
AZF_NO_MODULE=/etc/modprobe.d/azf-test.conf
AZF_SMB_LOG=/var/log/azure-files.log
mkdir -p "$AZF_STATE"

# ---- the cloud ----

# What a test changes is marked, so that azure_reset mends only that.
azure_changed() { : >"$AZF_STATE/changed-$1"; }

# azure_files start|stop|restart
azure_files() {
    [[ $1 == start ]] || azure_changed files
    systemctl "$1" azure-files.service
}

# azure_files_conf LINE...: lines for [global] of the server, until the next reset.
azure_files_conf() {
    printf '\t%s\n' "$@" >/run/azure-files/extra.conf
    azure_changed conf
    systemctl restart azure-files.service
}

# For the next boot. These come N seconds after network-online.target: the address
# of the network interface, the name server, the file service. Or that never comes.
next_boot_net_late() { echo "$1" >/etc/azf-test/net-late; }
next_boot_dns_late() { echo "$1" >/etc/azf-test/dns-late; }
next_boot_files_late() { echo "$1" >/etc/azf-test/files-late; }
next_boot_power_cut() { : >"$AZF_STATE/power-cut"; }
next_boot_files_absent() { touch /etc/azf-test/files-absent; }

# azure_dir ACCOUNT SHARE: where the server keeps that share.
azure_dir() { printf '/srv/azure/%s/%s\n' "$1" "$2"; }

# azure_file ACCOUNT PATH TEXT: a file put there by somebody else; PATH begins with
# the share.
azure_file() {
    local path
    path=$(azure_dir "$1" "$2")
    mkdir -p "${path%/*}"
    printf '%s\n' "$3" >"$path"
    chown --recursive "$1" "/srv/azure/$1"
    chmod --recursive a+rwX "/srv/azure/$1"
}

# azure_key ACCOUNT KEY: makes KEY the key of the account, until the next reset.
azure_key() {
    azure_changed keys
    printf '%s\n%s\n' "$2" "$2" | smbpasswd -s "$1" >/dev/null
}

# azure_dns NAME ADDRESS...: the name has these addresses and no others; with no
# address it does not exist.
azure_dns() {
    local name=$1 file=/run/azure-dns/hosts address
    shift
    azure_changed dns
    sed -i "/ ${name//./\\.}\$/d" "$file/accounts"
    for address; do
        printf '%s %s\n' "$address" "$name" >>"$file/accounts"
    done
    systemctl restart azure-dns.service
    azure_dns_settle
}

azure_dns_stop() {
    azure_changed dns
    systemctl stop azure-dns.service
}

# Until the name server answers at all.
azure_dns_settle() {
    local try
    for try in {1..50}; do
        getent ahosts acct5.file.core.windows.net >/dev/null && return
        sleep 0.1
    done
    echo "the name server does not answer (after $try tries)"
    return 1
}

# azure_block RULE: an nftables rule at the cloud's door, until the next reset,
# as azure_block 'tcp dport 445 drop'.
azure_block() {
    azure_changed firewall
    ip netns exec azure nft "add chain inet azure test { type filter hook input priority filter ; }"
    ip netns exec azure nft "add rule inet azure test $1"
}

azure_unblock() {
    ip netns exec azure nft delete chain inet azure test 2>/dev/null || true
}

azure_reset_keys() {
    local n key
    for n in 1 2 3 4 5; do
        key=ACCT${n}_KEY1
        azure_key "acct$n" "${!key}"
    done
}

# The cloud as it is when nobody has changed anything.
azure_reset() {
    local what restart=
    if [[ -e /etc/azf-test/files-absent || -e /etc/azf-test/files-late ]]; then
        azure_changed files
    fi
    rm -f /etc/azf-test/{net-late,dns-late,files-late,files-absent}
    for what in "$AZF_STATE"/changed-*; do
        [[ -e $what ]] || continue
        case ${what##*-} in
            files) restart=1 ;;
            conf) : >/run/azure-files/extra.conf; restart=1 ;;
            keys) azure_reset_keys ;;
            dns) rm -f /run/azure-dns/hosts/accounts; systemctl restart azure-dns.service; azure_dns_settle ;;
            firewall) azure_unblock ;;
        esac
    done
    rm -f "$AZF_STATE"/changed-*
    [[ -z $restart ]] || systemctl restart azure-files.service
    cloud_reset
}

# Its HTTP endpoints.
# shellcheck source=tests/vm/cloud.bash
. "${BASH_SOURCE[0]%/*}/cloud.bash"

# An Active Directory besides.
# shellcheck source=tests/vm/ad.bash
. "${BASH_SOURCE[0]%/*}/ad.bash"

# ---- the machine under test ----

# fstab LINE: adds it.
fstab() {
    [[ -e $AZF_FSTAB ]] || cp /etc/fstab "$AZF_FSTAB"
    printf '%s\n' "$1" >>/etc/fstab
}

# store_key ACCOUNT [KEY]: as an administrator stores it for mounts by account.
store_key() {
    local key=${1^^}_KEY1
    install -d -m 0700 /etc/azfiles/keys
    (umask 077 && printf 'username=%s\npassword=%s\n' "$1" "${2:-${!key}}" >"/etc/azfiles/keys/$1.cred")
}

# The machine has no cifs module, until the next reset.
without_cifs_module() {
    umount --all --types cifs,smb3 2>/dev/null || true
    modprobe --remove cifs
    echo 'install cifs /bin/false' >"$AZF_NO_MODULE"
}

# credentials FILE ACCOUNT [KEY]
credentials() {
    local key=${2^^}_KEY1
    (umask 077 && printf 'username=%s\npassword=%s\n' "$2" "${3:-${!key}}" >"$1")
}

# mounted DIR [WORD...]: something is mounted there, with these options.
mounted() {
    local options word
    options=$(findmnt --noheadings --first-only --types cifs --output OPTIONS --mountpoint "$1") ||
        { echo "nothing is mounted at $1"; return 1; }
    for word in "${@:2}"; do
        [[ ,$options, == *",$word,"* ]] || { echo "$1 lacks $word: $options"; return 1; }
    done
}

# fifty_lines OPTIONS: lines of fstab for shares of five accounts, at /srv/many/0
# to 49. A slow machine may take longer for them than systemd gives a mount.
fifty_lines() {
    local n
    for n in {0..49}; do
        mkdir -p "/srv/many/$n"
        fstab "//acct$((n % 5 + 1)).file.core.windows.net/share$((n / 5 + 1)) /srv/many/$n azfiles $1,nofail,retry=150,x-systemd.mount-timeout=200 0 0"
    done
}

# fifty_mounted OPTION: so they are, each once and with this option, or will be; and
# how long it took.
fifty_mounted() {
    local seconds
    within 150 fifty_there "$1"
    seconds=$(network_seconds 'srv-many-*.mount')
    echo "# all 50 mounted $seconds s after network-online.target, multi-user after $(boot_seconds) s"
}

fifty_there() {
    local there
    there=$(findmnt --list --noheadings --types cifs --output TARGET,OPTIONS | grep "^/srv/many/.*[ ,]$1,")
    [[ $(wc -l <<<"$there") == 50 && $(cut -d ' ' -f 1 <<<"$there" | sort -u | wc -l) == 50 ]]
}

# How many mounts there are at DIR (stacked ones count).
mounts_at() {
    { findmnt --noheadings --types cifs --output TARGET --mountpoint "$1" || true; } | wc -l
}

# sandboxed USER NAME: there is such a process, and it has no more than it needs.
sandboxed() {
    local pid line
    pid=$(pgrep -u "$1" "$2") || return
    grep -E '^(Uid|Cap|NoNewPrivs|Seccomp:)' "/proc/$pid/status" >"$AZF_STATE/sandboxed" || return
    for line in NoNewPrivs:$'\t'1 Seccomp:$'\t'2 Cap{Inh,Prm,Eff,Bnd,Amb}:$'\t'0000000000000000; do
        grep -qx "$line" "$AZF_STATE/sandboxed" || return
    done
    ! grep -P '^Uid:.*\t0\b' "$AZF_STATE/sandboxed"
}

# At most SECONDS until the command succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        (( SECONDS < end )) || { echo "not within the time: $*"; return 1; }
        sleep "${pause:-0.2}"
    done
}

# The same for what a user does on a mount with multiuser: the kernel repeats a
# refusal until that user has not asked for a second.
user_within() {
    local pause=1.5
    within "$@"
}

# Seconds from the kernel's start to multi-user.target.
boot_seconds() {
    local usec
    usec=$(systemctl show --value --property=ActiveEnterTimestampMonotonic multi-user.target)
    printf '%d.%d\n' $((usec / 1000000)) $((usec / 100000 % 10))
}

# Seconds from the kernel's start to a unit's last change of state.
unit_seconds() {
    local usec
    usec=$(systemctl show --value --property=StateChangeTimestampMonotonic "$1")
    printf '%d.%d\n' $((usec / 1000000)) $((usec / 100000 % 10))
}

# Seconds from network-online.target until all these units (or patterns) were
# active. Fails if one of them was begun before the target.
network_seconds() {
    local online began usec
    online=$(usec_of ActiveEnter network-online.target)
    began=$(usec_of InactiveExit "$@" | head -n 1)
    usec=$(($(usec_of ActiveEnter "$@" | tail -n 1) - online))
    printf '%d.%d\n' $((usec / 1000000)) $((usec / 100000 % 10))
    (( began >= online ))
}

# The times of such a change of state in microseconds, the first one first.
usec_of() {
    systemctl show --value --property="$1TimestampMonotonic" "${@:2}" | sed '/^$/d' | sort -n
}

# Takes away every mount, line and file that a test may have left.
machine_reset() {
    local unit
    if [[ -e $AZF_FSTAB ]]; then
        for unit in $(systemctl list-units --plain --no-legend --type=automount --state=active |
                awk '$1 ~ /^(srv|mnt)-/ { print $1 }'); do
            systemctl stop "$unit"
        done
    fi
    for unit in /etc/systemd/system/srv-*mount; do
        [[ -e $unit ]] || continue
        systemctl --quiet disable --now "${unit##*/}" || true
        rm "$unit"
    done
    umount --all --types cifs,smb3 --lazy 2>/dev/null || true
    rm -rf /etc/fstab.azfiles~ /etc/azfiles/keys /run/azfiles "$AZF_NO_MODULE"
    # tokens are kept in the keyring of the user who asks for them
    setpriv --reuid azfiles --regid azfiles --clear-groups keyctl clear @u 2>/dev/null || true
    if [[ -e $AZF_FSTAB ]]; then
        mv "$AZF_FSTAB" /etc/fstab
        systemctl daemon-reload
    fi
    systemctl reset-failed 2>/dev/null || true
}

# ---- evidence ----

# From here on is what evidence shows.
evidence_begin() {
    echo "azf-test: $1" >/dev/kmsg
    printf '%s\n' "$1" >"$AZF_STATE/current"
    stat -c %s "$AZF_SMB_LOG" >"$AZF_STATE/smb-log-size" 2>/dev/null || echo 0 >"$AZF_STATE/smb-log-size"
}

# What the kernel and the server said since then.
evidence() {
    local size
    size=$(<"$AZF_STATE/smb-log-size")
    echo '--- kernel log'
    dmesg | tac | sed '/azf-test: /q' | tac | tail -n 20
    echo '--- server log'
    [[ -e $AZF_SMB_LOG ]] || return 0
    tail -c "+$((size + 1))" "$AZF_SMB_LOG" | cut -c-300 | tail -n 20
}

# Everything back to the beginning.
clean() {
    machine_reset
    azure_reset
    ad_reset
    rm -rf /srv/azure/acct?/share*/*
}

# ---- Bats ----

# Every test finds MNT, an empty directory, CRED, a credentials file of acct1, and
# the cloud and the machine clean.
setup() {
    # A test that was killed may have left without its teardown.
    [[ ! -e $AZF_STATE/current ]] || clean
    mkdir -p "$MNT"
    credentials "$CRED" acct1
    evidence_begin "$BATS_TEST_DESCRIPTION"
    # For the host, which shows what is under way, and names at the end what failed
    # once, be it in a teardown.
    printf '@now %s\n' "$BATS_TEST_DESCRIPTION" >&3
    ((BATS_TEST_TRY_NUMBER == 1)) || echo "# second try: $BATS_TEST_DESCRIPTION" >&3
}

teardown() {
    if [[ -z ${BATS_TEST_COMPLETED:-} ]]; then
        if ((BATS_TEST_TRY_NUMBER <= BATS_TEST_RETRIES)); then
            # bats forgets what a first try printed
            { echo "failed once: $BATS_TEST_DESCRIPTION"; evidence; } | sed 's/^/# /' >&3
        else
            evidence
        fi
    fi
    clean
    rm -rf "$MNT"
    rm "$AZF_STATE/current"
}

if [[ -n $BATS_TEST_NUMBER || -n ${BATS_TEST_FILENAME:-} ]]; then
    bats_require_minimum_version 1.8.0
    # Emulated on a busy host, time itself is a fault now and then. A test may fail
    # once; tests/check names it at the end all the same.
    BATS_TEST_RETRIES=1
fi
