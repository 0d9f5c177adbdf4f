#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Options of identities that are refused before anything is asked for.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

ID=0a1b2c3d-4e5f-6789-abcd-ef0123456789

# refused OPTIONS CAUSE [CURE]: exit status 1, one line, and no mount(2)
refused() {
	azf "$SRC" "$MNT" -o "retry=0,port=$PORT,$1"
	fails 1
	says "${@:2}"
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "identity= leaves no room for a key, nor for whose it is" {
	local other
	for other in username=u domain=d password=SECRETKEY password2=SECRETTWO \
		"credentials=$CRED"; do
		refused "identity=system,$other" \
			"the options identity= and ${other%%[=2]*} contradict each other" \
			"Leave one of them out"
		refused "$other,identity=$ID" "the options identity= and *"
	done
}

@test "the words of mount.cifs for them are no way around" {
	refused identity=system,user=u "the options identity= and username *"
	refused identity=system,pass=SECRETKEY "the options identity= and password *"
	refused "identity=system,cred=$CRED" "the options identity= and credentials *"
	refused identity=system,workgroup=d "the options identity= and domain *"
}

# bats test_tags=valgrind
@test "identity= decides on sec=, cruid= and sharesock" {
	local sec
	for sec in ntlmssp ntlmsspi ntlmv2 none; do
		refused "identity=system,sec=$sec" "the options identity= and sec contradict *"
	done
	refused identity=system,cruid=0 "the options identity= and cruid contradict *"
	refused identity=system,sharesock "the options identity= and sharesock contradict *"
}

# bats test_tags=valgrind
@test "details without identity= are told" {
	local detail
	for detail in client_id=c tenant_id=t token_file=/t client_secret_file=/s \
		client_certificate=/c authority_host=h; do
		refused "credentials=$CRED,$detail" "${detail%=*}= is given without identity=" \
			"Add the identity=*"
		refused "credentials=$CRED,identity=key,$detail" "${detail%=*}= is given without *"
	done
}

@test "identity=key is a mount with a key" {
	azf "$SRC" "$MNT" -o "$OPTS,identity=key"
	succeeds
	[ "$(calls)" -eq 1 ]
	[[ $(recorded data) == *username=$ACCT,*password=SECRETKEY* ]]
	[[ $(recorded data) != *identity* && $(recorded data) != *krb5* ]]
}

# bats test_tags=valgrind
@test "an identity is of use on Azure's hosts only" {
	local host
	for host in server.example.org 192.0.2.1 acct1.blob.core.windows.net; do
		azf "//$host/share" "$MNT" -o "retry=0,identity=system"
		fails 1
		says "$host is not an Azure file endpoint, and identity=system is of use only there" \
			"*ACCOUNT.file.core.windows.net"
	done
	[ "$(calls)" -eq 0 ]
}

@test "what an identity needs, and what it has no use for, is named" {
	refused identity=workload "identity=workload needs client_id=" "Add it *"
	refused identity=sp,client_id=c,tenant_id=t "identity=sp needs *client_secret_file*"
	refused identity=system,client_id=c \
		"client_id= has no meaning with identity=system" "Leave it out*"
}

@test "identities of a realm leave no room for Entra's details, or for another way in" {
	refused identity=keytab,client_id=c "client_id= has no meaning with identity=keytab" "*"
	refused identity=ccache,keytab=/k "keytab= has no meaning with identity=ccache" "*"
	refused identity=keytab,sec=ntlmssp "the options identity= and sec contradict each other" "*"
	refused identity=keytab,cruid=0 "the options identity= and cruid contradict each other" "*"
	refused identity=keytab,username=u "the options identity= and username *" "*"
	refused identity=ccache,sharesock "the options identity= and sharesock *" "*"
	refused "credentials=$CRED,keytab=/k" "keytab= is given without identity=" "*"
	refused identity=keytab,keytab=k "*keytab*" "*"
}

@test "sec=krb5p is Kerberos with encryption" {
	azf "$SRC" "$MNT" -o "$OPTS,sec=krb5p"
	succeeds
	[[ ,$(recorded data), == *,sec=krb5,seal,* && $(recorded data) != *krb5p* ]]
}

@test "sec=krb5p says seal once" {
	azf "$SRC" "$MNT" -o "$OPTS,seal,sec=krb5p"
	[[ ,$(recorded data), == *,seal,sec=krb5,* && $(recorded data) != *seal*seal* ]]
}

@test "sec=krb5i is the kernel's own" {
	azf "$SRC" "$MNT" -o "$OPTS,sec=krb5i"
	[[ ,$(recorded data), == *,sec=krb5i,* && $(recorded data) != *seal* ]]
}

@test "unknown identities are told the known ones" {
	refused identity=System "identity=System is not known" "Use system, *exec:/PATH, keytab, or ccache"
	refused identity= "*identity* is empty"
}
