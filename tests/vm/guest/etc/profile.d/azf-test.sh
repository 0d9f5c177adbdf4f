# shellcheck shell=sh
# The login of "run shell": a terminal of the right size, the cloud's helpers, and
# a word of what there is.
if grep -qw azf.mode=shell /proc/cmdline; then
    size=$(sed 's/.*azf\.tty=\([0-9]*\)x\([0-9]*\).*/rows \1 cols \2/' /proc/cmdline)
    # shellcheck disable=SC2086
    stty $size
    # shellcheck source=/dev/null
    . /opt/azf-test/lib.bash
    for account in acct1 acct2 acct3 acct4 acct5; do
        store_key "$account"
    done
    mkdir -p "$MNT"
    printf '\nKeys of acct1 .. acct5 are stored; their files are in /srv/azure, the helpers in\n'
    printf '/opt/azf-test/lib.bash are loaded. Log out to switch off. To begin:\n\n'
    printf '  mount -t azfiles //%s/share %s\n\n' "$HOST1" "$MNT"
fi
