#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stand-in cloud itself, by the hand of curl and Debian's Kerberos.

load ../lib

imds=http://169.254.169.254/metadata/identity/oauth2/token
query='api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com'
entra=https://login.microsoftonline.com/$TENANT/oauth2/v2.0/token
scope=https://storage.azure.com/.default

# field NAME <JSON: of a simple value. (Starting Python here takes a second.)
field() { sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p"; }

fetch() { curl --silent --show-error --noproxy '*' --max-time 20 "$@"; }

# status URL...: the HTTP status alone.
status() { fetch --output /dev/null --write-out '%{http_code}\n' "$@"; }

ask_imds() { fetch -H 'Metadata: true' "$imds?$query${1:+&$1}"; }

# ask_ticket HOST TOKEN [CURL-ARGUMENT...]
ask_ticket() {
    fetch --request POST -H "Authorization: Bearer $2" -H "x-ms-version: ${version-2024-05-04}" -H 'Content-Length: 0' \
        -H "x-ms-date: $(TZ=UTC LC_ALL=C date '+%a, %d %b %Y %H:%M:%S GMT')" \
        "${@:3}" "https://$1/?restype=service&comp=kerbticket"
}

# ticket HOST TOKEN CCACHE: the ticket into a cache.
ticket() {
    ask_ticket "$1" "$2" | field kerberosServiceTicket | base64 -d |
        cloud_krb5 /opt/azf-test/cloud/krbcred store "$3"
}

@test "cloud: metadata service, token, ticket" {
    [[ ! -e /etc/krb5.conf ]]
    token=$(ask_imds | field access_token)
    ticket "$HOST1" "$token" /tmp/cloud.ccache
    KRB5_CONFIG=/dev/null klist -c /tmp/cloud.ccache >/tmp/cloud.klist
    cat /tmp/cloud.klist
    grep -q "principal: AzureFileClient@FILES" /tmp/cloud.klist
    grep -q "cifs/$HOST1@FILES" /tmp/cloud.klist
    run ! grep -q krbtgt /tmp/cloud.klist
    [[ $(cloud_requests imds) == 1 && $(cloud_requests storage) == 1 && $(cloud_requests storage/acct2) == 0 ]]
    cloud_log
    [[ $(cloud_log) != *"$token"* ]]
}

@test "cloud: stock cifs.upcall mounts as each principal" {
    cloud_krb5_conf
    for principal in AzureFileClient AzureFileClient2; do
        cloud_kinit "$principal" /tmp/krb5cc_0
        mount -t cifs "//$HOST1/share" "$MNT" -o sec=krb5,nosharesock
        echo hello >"$MNT/$principal"
        [[ $(stat -c %U "$(azure_dir acct1 share)/$principal") == "$principal" ]]
        umount "$MNT"
        rm /tmp/krb5cc_0
    done
}

@test "cloud: the file service takes the ticket, but no other account's" {
    cloud_krb5_conf
    ticket "$HOST1" "$(cloud_token identity=2)" /tmp/krb5cc_0
    mount -t cifs "//$HOST1/share" "$MNT" -o sec=krb5,nosharesock
    mkdir "$MNT/dir"
    [[ $(stat -c %U "$(azure_dir acct1 share)/dir") == AzureFileClient2 ]]
    umount "$MNT"
    cloud_kinit AzureFileClient /tmp/krb5cc_0
    azure_dns "$HOST2" 10.77.0.11
    run -32 mount -t cifs "//$HOST2/share" "$MNT" -o sec=krb5,nosharesock
}

@test "cloud: metadata service is strict" {
    [[ $(status "$imds?$query") == 400 ]]
    [[ $(status -H 'Metadata: true' -H 'X-Forwarded-For: 1.2.3.4' "$imds?$query") == 400 ]]
    [[ $(status -H 'Metadata: true' "$imds?$query&$query") == 400 ]]
    [[ $(status -H 'Metadata: true' -X POST "$imds?$query") == 405 ]]
    [[ $(ask_imds "client_id=$TENANT" | field error_description) == 'Identity not found' ]]
    [[ $(status -H 'Metadata: true' "$imds?$query&client_id=$CLIENT1&object_id=x") == 400 ]]
    [[ $(ask_imds "msi_res_id=$RESOURCE_ID2" | field client_id) == "$CLIENT2" ]]
    cloud_identities "$CLIENT1" "$CLIENT2"
    [[ $(ask_imds | field error_description) == Multiple* ]]
}

@test "cloud: ticket service is strict" {
    token=$(cloud_token)
    status=(--output /dev/null --write-out '%{http_code}')
    [[ $(ask_ticket "$HOST1" "$(cloud_token aud=https://storage.azure.com/)" "${status[@]}") == 401 ]]
    [[ $(ask_ticket "$HOST1" "$(cloud_token life=-1)" "${status[@]}") == 401 ]]
    [[ $(ask_ticket "$HOST1" "x$token" "${status[@]}") == 401 ]]
    [[ $(version=2015-02-21 ask_ticket "$HOST1" "$token" "${status[@]}") == 403 ]]
    [[ $(status -X POST "https://$HOST1/?restype=service&comp=kerbticket" -H 'Content-Length: 0') == 401 ]]
    cloud_fault storage skew 1000
    ask_ticket "$HOST1" "$token" | grep -q 'Request date header too old'
}

@test "cloud: Entra takes a secret and a federated token" {
    args=(--data "grant_type=client_credentials" --data "client_id=$CLIENT2" --data-urlencode "scope=$scope")
    token=$(fetch "${args[@]}" --data-urlencode "client_secret=$(cloud_client_secret)" "$entra" | field access_token)
    ticket "$HOST2" "$token" /tmp/cloud.ccache
    klist -c /tmp/cloud.ccache | grep -q 'principal: AzureFileClient2@'
    [[ $(fetch "${args[@]}" --data client_secret=x "$entra" | field error_codes) == '[7000215]' ]]
    args+=(--data-urlencode 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    fetch "${args[@]}" --data "client_assertion=$(cloud_assertion)" "$entra" | field expires_in
    [[ $(fetch "${args[@]}" --data "client_assertion=$(cloud_assertion sub=other)" "$entra" | field error_codes) == '[70021]' ]]
    [[ $(cloud_log entra) != *"$(cloud_client_secret)"* ]]
}

@test "cloud: Entra checks the assertion of a certificate" {
    base64url() { basenc --base64url -w0 | tr -d =; }
    cloud_certificate /tmp/cloud.pem
    thumbprint=$(openssl x509 -in /tmp/cloud.pem -outform DER | openssl dgst -sha256 -binary | base64url)
    now=$(date +%s)
    text=$(printf '{"alg":"PS256","typ":"JWT","x5t#S256":"%s"}' "$thumbprint" | base64url)
    text+=.$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"1","nbf":%s,"iat":%s,"exp":%s}' \
        "$entra" "$CLIENT1" "$CLIENT1" "$now" "$now" $((now + 300)) | base64url)
    signature=$(printf %s "$text" | openssl dgst -sha256 -sign /tmp/cloud.pem -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:32 | base64url)
    args=(--data "grant_type=client_credentials" --data "client_id=$CLIENT1" --data-urlencode "scope=$scope"
        --data-urlencode 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    fetch "${args[@]}" --data "client_assertion=$text.$signature" "$entra" | field access_token
    signature=$(printf %s "$text" | openssl dgst -sha256 -sign /tmp/cloud.pem | base64url)
    [[ $(fetch "${args[@]}" --data "client_assertion=$text.$signature" "$entra" | field error_codes) == '[700027]' ]]
}

@test "cloud: Azure Arc's challenge" {
    arc="http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2020-06-01&resource=https%3A%2F%2Fstorage.azure.com"
    run ! fetch "$arc"
    cloud_arc on
    file=$(fetch --output /dev/null --dump-header - -H 'Metadata: true' "$arc" |
        sed -n 's/^Www-Authenticate: Basic realm=\([^[:cntrl:]]*\).*/\1/p')
    [[ $(stat -c '%a %U %G' "$file" "${file%/*}" | paste -sd,) == '640 root himds,750 root himds' ]]
    [[ $(status -H 'Metadata: true' -H 'Authorization: Basic wrong' "$arc") == 403 ]]
    [[ $(status -H 'Metadata: true' -H "Authorization: Basic $(<"$file")" "$arc") == 200 ]]
    cloud_fault arc/challenge climb
    fetch --output /dev/null --dump-header - -H 'Metadata: true' "$arc" | grep 'tokens/../'
    [[ $(cloud_requests arc/challenge) == 2 && $(cloud_requests arc) == 4 ]]
    cloud_arc off
    run ! fetch "$arc"
}

@test "cloud: faults of HTTP and JSON" {
    run ! cloud_fault imds role
    cloud_fault imds status 429 'Retry-After: 7' count=2
    cloud_fault imds drop count=1
    cloud_fault imds truncate count=1
    cloud_fault imds json set access_token 17 count=1
    cloud_fault imds oversize 100000 count=1
    cloud_fault imds redirect http://other.test/ count=1
    cloud_fault imds text '{"access_token":' count=1
    [[ $(fetch -i -H 'Metadata: true' "$imds?$query" | grep -cE '^HTTP/1.1 429|^Retry-After: 7') == 2 ]]
    [[ $(status -H 'Metadata: true' "$imds?$query") == 429 ]]
    run -52 ask_imds
    run -18 ask_imds
    [[ $(ask_imds | field access_token) == 17 ]]
    [[ $(ask_imds | wc -c) == 100000 ]]
    [[ $(status -H 'Metadata: true' "$imds?$query") == 302 ]]
    [[ $(ask_imds) == '{"access_token":' ]]
    [[ $(ask_imds | field token_type) == Bearer ]]
    [[ $(cloud_requests imds) == 9 && $(cloud_requests imds fault=) == 8 ]]
    cloud_fault imds delay 3
    run -28 fetch --max-time 1 -H 'Metadata: true' "$imds?$query"
}

@test "cloud: faults of TLS and tickets" {
    token=$(cloud_token)
    for certificate in expired name untrusted; do
        cloud_fault storage tls "$certificate" count=1
        run -60 ask_ticket "$HOST1" "$token"
    done
    cloud_fault storage/acct1 role count=1
    cloud_fault storage shift -172800 count=1
    cloud_fault storage base64 count=1
    cloud_ticket_life 100
    ask_ticket "$HOST1" "$token" --include | grep -q '^x-ms-error-code: AuthorizationPermissionMismatch'
    ticket "$HOST1" "$token" /tmp/cloud.ccache
    run ! klist -s -c /tmp/cloud.ccache
    ask_ticket "$HOST1" "$token" | field kerberosServiceTicket | grep -qF '*'
    left=$(($(date -d "$(ask_ticket "$HOST1" "$token" | field expirationTime)" +%s) - $(date +%s)))
    (( 90 <= left && left <= 100 ))
    [[ $(cloud_requests storage) == 7 ]]
}

@test "cloud: a proxy between us and the rest" {
    status=$(curl --silent --output /dev/null --write-out '%{http_code}' --proxy "$CLOUD_PROXY" --max-time 20 \
        "https://$HOST2/?restype=service&comp=kerbticket" --request POST -H 'Content-Length: 0')
    [[ $status == 401 ]]
    [[ $(cloud_requests proxy "CONNECT $HOST2:443 200") == 1 && $(cloud_requests storage/acct2) == 1 ]]
}
