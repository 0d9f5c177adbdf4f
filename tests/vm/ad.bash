# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# An Active Directory for tests: the domain corp.example.com, a domain controller
# and a file server that has joined it, named as Azure NetApp Files names them. It
# runs only where a file of tests asks for it (ad_up in setup_file, ad_down in
# teardown_file), and in a boot after next_boot_ad. Each teardown undoes what a test
# has changed here. Its names are in the DNS always, SRV records included:
#
#   anf-7806   the file server; its address's PTR says so
#   files      a CNAME of it, without an SPN
#   anf2       an A record of the same address, without an SPN
#   anf-aes, anf-rc4   the same; each an account of its own that knows AES-256 or
#              RC4 alone, for cifs/NAME.corp.example.com
#   dc1        the domain controller
#
# Accounts, each with a password and a keytab:
#   alice, bob   Unix users here and there, both in the group "team"
#   carol        unknown to the file server
#   expired, disabled   must change the password; is disabled
#   aes, rc4     of these encryption types alone, where the domain has a say
# Machines, with a keytab (machines, aes and rc4 are the server's Unix user pcuser):
#   azvm         this one, AZVM$, with host/azvm.corp.example.com
#   long         LINUX-CLIENT-WI$, of linux-client-with-a-long-name
#   stale        STALE$: has another password by now
#
# Shares of the file server, stored under /srv/anf: vol1 with the directories alice
# and bob (0700) and team (2770, of the group); vol2, where encryption is required.

AD_DIR=/var/lib/azf-test/ad
# shellcheck disable=SC2034  # for the tests
{
    AD_REALM=CORP.EXAMPLE.COM
    AD_DC=dc1.corp.example.com
    AD_HOST=anf-7806.corp.example.com
    AD_ADDRESS=10.88.0.3
    AD_DC_ADDRESS=10.88.0.2
}

ad_up() {
    mkdir -p /etc/azf-test
    : >/etc/azf-test/ad
    systemctl start ad-dc.service ad-files.service
}

ad_down() {
    systemctl stop ad-files.service ad-winbind.service ad-dc.service ad-net.service
    rm -rf /etc/azf-test/ad /run/ad "$AZF_STATE"/ad-*
}

# For the next boot, before its network is up; the boot test's end is its end.
next_boot_ad() { echo boot >/etc/azf-test/ad; }

ad_is_up() { systemctl --quiet is-active ad-net.service; }

# ad_changed PART: dc, files or firewall; as azure_changed.
ad_changed() { : >"$AZF_STATE/ad-changed-$1"; }

# ad_dc start|stop|restart, ad_files start|stop|restart
ad_dc() { ad_changed dc; systemctl "$1" ad-dc.service; }
ad_files() { ad_changed files; systemctl "$1" ad-files.service; }
ad_stop_kdc() { ad_dc stop; }
ad_start_kdc() { ad_dc start; }

# ad_block RULE: an nftables rule at the door of the domain, until the teardown, as
# ad_block 'ip daddr 10.88.0.2 udp dport 88 drop'.
ad_block() {
    ad_changed firewall
    ip netns exec ad nft "add chain inet ad test { type filter hook input priority filter ; }"
    ip netns exec ad nft "add rule inet ad test $1"
}

ad_unblock() { ip netns exec ad nft delete chain inet ad test 2>/dev/null || true; }

# ad_files_conf LINE...: for [global] of the file server, until the teardown.
ad_files_conf() {
    printf '\t%s\n' "$@" >/run/ad/extra.conf
    ad_files restart
}

# ad_clock_skew SECONDS [dc|files]: the clock of both, or of that one, is ahead of
# this machine's by so much.
ad_clock_skew() {
    local part
    for part in ${2:-dc files}; do
        printf '%s\n' "FAKETIME=$(printf '%+d' "$1")" DONT_FAKE_MONOTONIC=1 \
            "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1" >"/run/ad/$part.env"
        "ad_$part" restart
    done
}

# ---- what this machine and its users have ----

# ad_krb5_conf [LINE...]: an /etc/krb5.conf as a member of the domain has it, with
# more lines for [libdefaults], until the teardown. Nothing of ours may need one.
ad_krb5_conf() {
    {
        printf '[libdefaults]\n\tdefault_realm = %s\n' "$AD_REALM"
        printf '\tdns_lookup_kdc = true\n\tdns_lookup_realm = false\n\trdns = false\n'
        (( $# == 0 )) || printf '\t%s\n' "$@"
    } >/etc/krb5.conf
}

# ad_keytab PATH ACCOUNT [ENCTYPE]: its keys, or those of one type alone, as
# aes256-cts-hmac-sha1-96 or arcfour-hmac. /etc/krb5.keytab is gone after the test.
ad_keytab() {
    install -m 0600 "$AD_DIR/$2.keytab" "$1"
    [[ -n ${3:-} ]] || return 0
    local slot
    for slot in $(klist -ek "$1" | awk -v keep="$3" '
            /^ *[0-9]+ / { n++; if (!index($0, keep)) print n }' | sort -rn); do
        echo "delete_entry $slot"
    done >"$1.delete"
    { echo "read_kt $1"; cat "$1.delete"; echo "write_kt $1.new"; } | ktutil >/dev/null
    rm "$1.delete"
    mv "$1.new" "$1"
}

ad_password() { cat "$AD_DIR/$1.password"; }

# ad_kinit ACCOUNT CCACHE [OPTION...]: a ticket with the account's keytab.
ad_kinit() {
    kinit -k -t "$AD_DIR/$1.keytab" -c "$2" "${@:3}" \
        "$(klist -k "$AD_DIR/$1.keytab" | awk '/@/ { print $2; exit }')"
}

# ad_login USER [OPTION...]: a Unix user types the password; the ticket goes to
# FILE:/tmp/krb5cc_UID, until the teardown.
ad_login() {
    ad_as "$1" kinit -c "FILE:/tmp/krb5cc_$(id -u "$1")" "${@:2}" "$1@$AD_REALM" \
        <"$AD_DIR/$1.password" >/dev/null
}

# ad_as USER COMMAND...
ad_as() { setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}"; }

# Everything above as it was, quickly if nothing has changed; "clean" calls it.
ad_reset() {
    rm -f /etc/krb5.keytab /tmp/krb5cc_*
    if [[ -s /etc/azf-test/ad ]]; then
        find /srv/anf -type f -delete
        ad_down
    fi
    ad_is_up || return 0
    ad_unblock
    if [[ -s /run/ad/extra.conf ]]; then
        : >/run/ad/extra.conf
    fi
    rm -f /run/ad/*.env
    [[ ! -e $AZF_STATE/ad-changed-dc ]] || systemctl restart ad-dc.service
    [[ ! -e $AZF_STATE/ad-changed-files ]] || systemctl restart ad-files.service
    rm -f "$AZF_STATE"/ad-changed-*
    find /srv/anf -type f -delete
}
