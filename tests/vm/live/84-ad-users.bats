#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An Active Directory at work: machines and users on one file server, tickets that
# end, a domain controller that is away.
load ../lib

setup_file() { ad_up; }
teardown_file() { ad_down; }

eval "common_$(declare -f setup)"
setup() {
	common_setup
	ad_keytab /etc/krb5.keytab azvm
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
}

eval "common_$(declare -f teardown)"
teardown() {
	if [[ -z ${BATS_TEST_COMPLETED:-} ]]; then
		journalctl --sync
		journalctl --quiet --output=short --after-cursor="$cursor" | grep -F azfiles.upcall || true
	fi
	common_teardown
}

# with OPTIONS
with() { mount -t azfiles "//$AD_HOST/vol1" "$MNT" -o "retry=0,$1"; }

owner() { stat -c %U "/srv/anf/vol1/$1"; }

# writes USER FILE TEXT: as that user.
writes() {
	# shellcheck disable=SC2016
	ad_as "$1" bash -c 'printf "%s\n" "$2" >"$1"' - "$MNT/$2" "$3"
}

# refused USER COMMAND...: in the second way by a session that was there before.
refused() {
	run ad_as "$@"
	[[ $status != 0 && $output == *@('Permission denied'|'Required key not available') ]] ||
		{ echo "$output"; return 1; }
}

@test "domain: two users at once on one mount, each with own files and rights" {
	ad_login alice
	ad_login bob
	with identity=keytab,multiuser
	touch "$MNT/machine"
	[[ $(owner machine) == pcuser ]]
	# each a hundred times, side by side
	for user in alice bob; do
		# shellcheck disable=SC2016
		ad_as "$user" bash -ec 'for n in {1..100}; do
			echo "$1 $n" >"$2/$1/$n"
			echo "$1 $n" >"$2/team/$1-$n"
			[[ $(<"$2/$1/$n") == "$1 $n" ]]
		done' - "$user" "$MNT" 3>&- &
		workers+=($!)
	done
	for worker in "${workers[@]}"; do
		wait "$worker"
	done
	[[ $(find /srv/anf/vol1/alice /srv/anf/vol1/bob /srv/anf/vol1/team -type f | wc -l) == 400 ]]
	[[ $(find /srv/anf/vol1/alice ! -user alice; find /srv/anf/vol1/bob ! -user bob) == '' ]]
	[[ $(find /srv/anf/vol1/team -type f -name 'alice-*' -user alice | wc -l) == 100 ]]
	[[ $(find /srv/anf/vol1/team -type f -name 'bob-*' -user bob | wc -l) == 100 ]]
	refused alice cat "$MNT/bob/1"
	refused bob ls "$MNT/alice"
	refused bob rm "$MNT/machine"
	# and root there is the machine, which may not do everything
	run cat "$MNT/alice/1"
	[[ $output == *'Permission denied'* ]]
}

@test "domain: a user's ticket ends, and the user comes back" {
	with identity=keytab,multiuser
	# for that service alone: of a TGT's last two minutes Samba takes none
	ends=$((SECONDS + 30))
	ad_login alice -l 30s -S "cifs/$AD_HOST"
	writes alice alice/one 1
	ad_login bob
	writes bob bob/one 1
	sleep $((ends > SECONDS ? ends + 1 - SECONDS : 0))
	# a session goes on; a new one cannot be had without a ticket
	ad_files restart
	user_within 60 writes bob bob/two 2
	user_within 30 refused alice touch "$MNT/alice/two"
	within 30 touch "$MNT/machine"
	ad_login alice
	user_within 60 writes alice alice/two 2
	[[ $(cat /srv/anf/vol1/alice/two /srv/anf/vol1/bob/two) == $'2\n2' ]]
}

@test "domain: the domain controller is away while the mount lives" {
	ad_login alice
	with identity=keytab,multiuser
	writes alice alice/before 1
	ad_stop_kdc
	writes alice alice/during 2
	touch "$MNT/during"
	# a new session with the service tickets that they have
	ad_files restart
	user_within 60 writes alice alice/again 3
	within 60 touch "$MNT/again"
	# a user without one cannot come
	run ad_as bob touch "$MNT/bob/during"
	[[ $status != 0 ]]
	ad_start_kdc
	ad_login bob
	user_within 60 writes bob bob/after 4
	azfilesctl refresh --now "$MNT"
	writes alice alice/after 5
	[[ $(owner bob/after) == bob && $(owner again) == pcuser ]]
}

@test "domain: a password that has expired, another since the keytab, a disabled account" {
	for case in 'expired:has expired' 'stale:is not the one that the KDC has' 'disabled:is disabled'; do
		ad_keytab "$AZF_STATE/ad-keytab" "${case%%:*}"
		principal=$(klist -k "$AZF_STATE/ad-keytab" | awk '/@/ { print $2; exit }')
		run with "identity=keytab,keytab=$AZF_STATE/ad-keytab,principal=$principal"
		echo "$output"
		[[ $status == 32 && $output == *"${case#*:}"* ]]
	done
}
