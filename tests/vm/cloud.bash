# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Handles of the cloud's HTTP endpoints (see cloud/), for tests. They are:
#   imds      http://169.254.169.254                  identities: system, CLIENT1, CLIENT2
#   arc       http://127.0.0.1:40342, after cloud_arc on
#   entra     https://login.microsoftonline.com       client ids CLIENT1 and CLIENT2
#   storage   https://HOSTn/?restype=service&comp=kerbticket
#   proxy     http://10.77.0.20:3128 = $CLOUD_PROXY, for CONNECT; no faults
# CLIENT1 and the system identity are the principal AzureFileClient, CLIENT2 is
# AzureFileClient2; on the share they act as the Unix users of those names.

CLOUD_STATE=/var/lib/azf-test/cloud
CLOUD_LOG=/run/azure-cloud/log
CLOUD_KRB5_CONF=$CLOUD_STATE/krb5.conf

# shellcheck disable=SC2034  # for the tests
{
    CLIENT1=11111111-1111-1111-1111-111111111111
    CLIENT2=22222222-2222-2222-2222-222222222222
    CLOUD_PROXY=http://10.77.0.20:3128
    TENANT=99999999-9999-9999-9999-999999999999
    RESOURCE_ID1=/subscriptions/$TENANT/resourceGroups/test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one
    RESOURCE_ID2=${RESOURCE_ID1%one}two
}

# cloud_fault ENDPOINT KIND [ARGUMENT...] [count=N]: goes wrong N times, or until
# the reset; also across reboots. ENDPOINT is imds, arc, arc/challenge, entra,
# storage or storage/acctN.
#
# These stand in line: each request takes the first that is left.
#   status CODE ['NAME: VALUE'...] [body=TEXT]
#   drop                  closed without an answer
#   truncate [BYTES]      closed in the middle of the body
#   short [BYTES]         the JSON ends too early
#   oversize [BYTES]      good JSON, as long as that (1 MiB)
#   headers [COUNT]       COUNT headers of 100 bytes (2000)
#   text TEXT             that instead of the JSON
#   json set NAME JSON | without NAME | nest | array | deep LEVELS
#   redirect URL [CODE]
#   imds, arc: none, many (identities: errors), audience AUD (of the token),
#              blank FIELD...; arc: no-echo (of the client id)
#   arc/challenge: no-realm no-file large empty outside climb suffix (of the file)
#   entra:     federation, secret (errors), audience AUD
#   storage:   role firewall oauth-off audience issuer disabled (errors),
#              base64, garbage, service PRINCIPAL (in the ticket), shift SECONDS
#              (of the ticket's times: shift -172800 gives an expired one)
# These act besides, and besides each other:
#   delay SECONDS, slow SECONDS (for the body), chunked, skew SECONDS (of the
#   endpoint's clock), life SECONDS (of token or ticket)
# These meet the connection:
#   reset, tls name|expired|untrusted (the certificate)
cloud_fault() {
    local endpoint=$1 kind=$2 count=0 word words=()
    shift 2
    cloud_has_fault "$endpoint" "$kind" || { echo "no fault $kind of $endpoint" >&2; return 1; }
    for word; do
        if [[ $word =~ ^count=([0-9]+)$ ]]; then
            count=${BASH_REMATCH[1]}
        else
            words+=("$word")
        fi
    done
    (
        IFS=$'\t'
        printf '%s\n' "${EPOCHREALTIME/[.,]/}-$RANDOM$IFS$endpoint$IFS$count$IFS$kind${words[*]:+$IFS}${words[*]}"
    ) >>"$CLOUD_STATE/faults"
}

cloud_has_fault() {
    local kinds='status drop truncate short oversize headers text json redirect delay slow chunked skew life reset'
    case $1 in
        imds) kinds+=' none many audience blank' ;;
        arc) kinds+=' none audience blank no-echo' ;;
        arc/challenge) kinds+=' none no-realm no-file large empty outside climb suffix' ;;
        entra) kinds+=' tls federation secret audience' ;;
        storage|storage/acct[1-5])
            kinds+=' tls role firewall oauth-off audience issuer disabled base64 garbage service shift' ;;
        *) return 1 ;;
    esac
    [[ " $kinds " == *" $2 "* ]]
}

cloud_ticket_life() { cloud_fault storage life "$1"; }

# cloud_identities WORD...: the machine has these: system, client ids. None: "".
cloud_identities() {
    printf '%s\n' "$*" >"$CLOUD_STATE/identities"
}

# cloud_arc on|off: himds runs (and this looks like a machine with the Arc agent).
cloud_arc() {
    local himds=/opt/azcmagent/bin/himds
    if [[ $1 == on ]]; then
        install -D -m 0755 /dev/null "$himds"
        : >"$CLOUD_STATE/arc"
    else
        rm -rf "${himds%/bin/himds}" /var/opt/azcmagent "$CLOUD_STATE/arc"
    fi
    # The service may not be there, and looks for itself when it starts.
    systemctl kill --signal=HUP azure-cloud.service 2>/dev/null || true
    [[ $1 == off ]] || within 5 cloud_arc_answers
}

cloud_arc_answers() { (: </dev/tcp/127.0.0.1/40342) 2>/dev/null; }

# cloud_imds_gone: no such address, as outside of Azure.
cloud_imds_gone() { azure_block 'ip daddr 169.254.169.254 drop'; }

# cloud_service start|stop|restart
cloud_service() {
    [[ $1 == start ]] || : >"$AZF_STATE/cloud-stopped"
    systemctl "$1" azure-cloud.service
}

# For the next boot.
next_boot_cloud_late() { echo "$1" >/etc/azf-test/cloud-late; }
next_boot_cloud_absent() { touch /etc/azf-test/cloud-absent; }

# cloud_log [ENDPOINT]: TIME ENDPOINT METHOD TARGET STATUS [fault=KIND] NAME=VALUE...
# for each request since the reset or the boot; tokens appear as #HASH.
cloud_log() {
    [[ -e $CLOUD_LOG ]] || return 0
    awk -v endpoint="${1:-}" 'endpoint == "" || $2 == endpoint || index($2, endpoint "/") == 1' "$CLOUD_LOG"
}

# cloud_requests ENDPOINT [REGEX]: how many of them (and lines that match).
# Connections that ended in the TLS handshake count too.
cloud_requests() { cloud_log "$1" | grep -cE "${2:-}" || true; }

# cloud_forget: the log and the numbers begin anew; faults stay.
cloud_forget() { : >"$CLOUD_LOG"; }

# ---- what a machine in the cloud is given; not counted as requests ----

# cloud_token [identity=system|1|2|CLIENT-ID] [aud=URL] [life=SECONDS]
cloud_token() { cloud_get token "$@"; }

# cloud_assertion [sub=..] [aud=..] [life=..]: a pod's federated token.
cloud_assertion() { cloud_get assertion "$@"; }

cloud_get() {
    local what=$1 word arguments=()
    shift
    for word; do
        arguments+=(--data-urlencode "$word")
    done
    curl --silent --noproxy '*' --get "${arguments[@]}" "http://169.254.169.254/azf-test/$what"
}

cloud_client_secret() { cat "$CLOUD_STATE/client-secret"; }

# cloud_certificate FILE: key and certificate of the application, in PEM.
cloud_certificate() { install -m 0600 "$CLOUD_STATE/application.pem" "$1"; }

# cloud_krb5 COMMAND...: with the cloud's realm as the default.
cloud_krb5() { KRB5_CONFIG=$CLOUD_KRB5_CONF "$@"; }

# cloud_kinit PRINCIPAL CCACHE [SERVICE]: a TGT, or a ticket for one service alone.
cloud_kinit() {
    cloud_krb5 kinit -k -t "$CLOUD_STATE/clients.keytab" -c "$2" ${3:+-S "$3"} "$1"
}

# cloud_krb5_conf: the machine has an /etc/krb5.conf for the cloud's realm, until
# the reset. Nothing of ours may need one.
cloud_krb5_conf() {
    install -m 0644 "$CLOUD_KRB5_CONF" /etc/krb5.conf
}

# ---- as in a domain: a machine and users that the KDC knows ----

CLOUD_JOINED=$CLOUD_STATE/joined

# cloud_kadmin COMMAND: of kadmin.
cloud_kadmin() {
    KRB5_KDC_PROFILE=$CLOUD_STATE/kdc/kdc.conf cloud_krb5 \
        kadmin.local -r FILES.AZURE.STORAGE.MICROSOFT.COM -q "$1" >/dev/null
}

# cloud_join [OPTION]: until the reset, this machine has /etc/krb5.keytab with the
# keys of its account AZVM$, and alice and bob have theirs in users.keytab.
cloud_join() {
    local name
    : >"$CLOUD_JOINED"
    id -u 'AZVM$' >/dev/null 2>&1 ||
        useradd --badname --uid 2013 --no-create-home --shell /usr/sbin/nologin 'AZVM$'
    rm -f /etc/krb5.keytab "$CLOUD_STATE/users.keytab"
    cloud_kadmin "addprinc -randkey AZVM\$" 2>/dev/null
    cloud_kadmin "ktadd -k /etc/krb5.keytab AZVM\$"
    for name in alice bob; do
        cloud_kadmin "addprinc -randkey $name" 2>/dev/null
        cloud_kadmin "ktadd -k $CLOUD_STATE/users.keytab $name"
    done
}

cloud_leave() {
    local name
    rm -f /etc/krb5.keytab "$CLOUD_STATE/users.keytab" "$CLOUD_JOINED"
    for name in 'AZVM$' alice bob; do
        cloud_kadmin "delprinc -force $name" 2>/dev/null || true
    done
    userdel 'AZVM$' || true
}

# cloud_kinit_user NAME CCACHE: as that user, who gets no file of ours to read.
cloud_kinit_user() {
    local keytab
    keytab=$(mktemp)
    install -o "$1" -m 0600 "$CLOUD_STATE/users.keytab" "$keytab"
    # as a login would: no session of root's
    (cd / && setpriv --reuid "$1" --regid "$1" --clear-groups \
        kinit -k -t "$keytab" ${2:+-c "$2"} "$1@FILES.AZURE.STORAGE.MICROSOFT.COM")
    rm "$keytab"
}

# The way without azfiles: a loop that gets root a ticket which lives for so many
# seconds, until it is killed, and a mount with cifs.upcall. Our tests may tell the
# loop that there is none to be had.
CLOUD_NO_REFILL=/run/azf-test/no-refill

cloud_refill() {
	while :; do
		[[ -e $CLOUD_NO_REFILL ]] ||
			cloud_krb5 kinit -k -t "$CLOUD_STATE/clients.keytab" -l "${1}s" -c FILE:/tmp/krb5cc_0 AzureFileClient2
		sleep $(($1 / 2))
	done >/run/azf-test/refill 2>&1
}

# cloud_mount_cifs SOURCE TARGET [OPTIONS]: when the loop has got the first one.
cloud_mount_cifs() {
	cloud_krb5_conf
	within 20 test -s /tmp/krb5cc_0
	mount -t cifs "$1" "$2" -o "sec=krb5,username=stock${3:+,$3}"
}

# All of the above as in the beginning; "azure_reset" calls it.
cloud_reset() {
    rm -f "$CLOUD_STATE"/{faults,identities} /etc/krb5.conf /etc/azf-test/outside.key
    rm -f "$CLOUD_NO_REFILL" /tmp/krb5cc_0
    [[ ! -e $CLOUD_STATE/arc ]] || cloud_arc off
    [[ ! -e $CLOUD_JOINED ]] || cloud_leave
    if [[ -e $AZF_STATE/cloud-stopped || -e /etc/azf-test/cloud-absent || -e /etc/azf-test/cloud-late ]]; then
        rm -f /etc/azf-test/cloud-{absent,late} "$AZF_STATE/cloud-stopped"
        systemctl start azure-kdc.service azure-cloud.service
    fi
    cloud_forget
}
