#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfiles-generator: what it writes for an fstab. ../generator/NAME.fstab are
# such files, NAME.tree is all that comes of them. After a change that is meant,
#   make all && AZF_GOLDEN=write bats tests/bats/generator.bats -f 'golden'
# writes the trees anew; look at their diff.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

GOLDEN=$BATS_TEST_DIRNAME/../generator
SYSTEMD=/usr/lib/systemd/system-generators/systemd-fstab-generator

setup() {
	local double=${AZF_DOUBLE:-$BATS_TEST_DIRNAME/../../build/tests/-}
	GENERATOR=$(realpath --no-symlinks "${double%/tests/*}/azfiles-generator")
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p etc
	unset SYSTEMD_SCOPE SYSTEMD_FSTAB SYSTEMD_PROC_CMDLINE
	export SYSTEMD_PROC_CMDLINE=
}

# In a mount name space of its own with ./etc as /etc, and empty directories:
# in_etc COMMAND...
in_etc() { unshare -m sh -c 'mount --bind etc /etc && exec "$@"' - "$@"; }

# generate PROGRAM FSTAB: its output is below ./out, its remarks in ./said.
generate() {
	rm -rf out
	mkdir -p out/normal out/early out/late
	[[ $2 == etc/fstab ]] || cp "$2" etc/fstab
	# shellcheck disable=SC2086 # several words
	in_etc ${AZF_WRAPPER:-} "$1" out/normal out/early out/late 2>said
}

# All files and links below ./out, and what was said, as one text.
tree() {
	local path
	while IFS= read -r path; do
		if [[ -L $path ]]; then
			printf '== %s -> %s\n' "${path#out/}" "$(readlink "$path")"
		else
			printf '== %s, mode %s\n' "${path#out/}" "$(stat -c %a "$path")"
			cat "$path"
		fi
	done < <(find out ! -type d | LC_ALL=C sort)
	printf '== said\n'
	cat said
}

# bats test_tags=valgrind
@test "golden trees" {
	local fstab name
	for fstab in "$GOLDEN"/*.fstab; do
		name=$(basename "$fstab" .fstab)
		generate "$GENERATOR" "$fstab"
		tree >"$name.tree"
		[[ ${AZF_GOLDEN:-} != write ]] || cp "$name.tree" "$GOLDEN/"
		diff -u "$GOLDEN/$name.tree" "$name.tree"
	done
}

@test "the same lines give the same bytes, and again" {
	cat "$GOLDEN"/*.fstab >fstab
	generate "$GENERATOR" fstab
	tree >first
	generate "$GENERATOR" fstab
	tree | diff -u first -
}

# What is special to us goes, and how the two write the same thing.
normal_form() {
	sed -E '/^# Automatically|^Documentation=|^TimeoutSec=|^Wants=azfiles-refresh/d
		/^RequiresMountsFor=/ { s/"//g; s/%%/%/g }
		s/%i$//' | sed '/^$/d' | LC_ALL=C sort
}

# Theirs with _netdev, in the normal directory, against ours without, in the
# early one. What only one of them can do has lines of its own in the trees.
@test "units are those of systemd-fstab-generator for a line with _netdev" {
	local fstab path mine
	for fstab in plain paths; do
		grep -vE '^#|wrong|blank|/end|/back|/srv/(time|commas|three)' "$GOLDEN/$fstab.fstab" >"$fstab"
		awk '{ $4 = $4 ($4 == "" ? "" : ",") "_netdev"; print }' OFS='\t' "$fstab" >"$fstab.netdev"
		generate "$SYSTEMD" "$fstab.netdev" || cat said
		rm -rf theirs && mv out theirs
		generate "$GENERATOR" "$fstab"
		while IFS= read -r path; do
			mine=out/early/${path#theirs/normal/}
			echo "$path"
			if [[ -L $path ]]; then
				[[ $(readlink "$path") == "$(readlink "$mine")" ]]
			else
				diff -u <(normal_form <"$path") <(normal_form <"$mine")
			fi
		done < <(find theirs/normal -name '*srv*' -o -name '*hidden*')
		# and no more of them
		[ "$(find theirs -name '*.*mount' | wc -l)" -eq \
			"$(find out/early -name '*.*mount' ! -path '*/local-fs.target.*' | wc -l)" ]
		[ "$(find out/normal -mindepth 1 | wc -l)" -eq 0 ]
	done
}

@test "systemd takes each unit as it is" {
	mkdir etc/systemd
	for fstab in plain paths secrets; do
		generate "$GENERATOR" "$GOLDEN/$fstab.fstab"
		rm -f out/early/*:* # on its command line the colon means more
		run systemd-analyze verify --man=no "$PWD"/out/early/*.mount "$PWD"/out/early/*.automount
		echo "$output"
		[ "$status" -eq 0 ]
		# units that other packages lack are not ours
		! grep -E 'srv|hidden' <<<"$output" || false
	done
}

@test "links on the way to a mount point are followed as far as it exists" {
	mkdir -p real/dir
	ln -s real link
	ln -s "$PWD/nowhere" dangling
	ln -s circle circle
	printf '//h/s %s azfiles defaults 0 0\n' "$PWD/link/dir" "$PWD/link/new/deep" \
		"$PWD/dangling/x" "$PWD/circle/x" "$PWD/link/../up" "$PWD/real/none/../x" >fstab
	generate "$GENERATOR" fstab
	for path in real/dir real/new/deep nowhere/x circle/x up; do
		grep -qxF "Where=$PWD/$path" "out/early/$(systemd-escape --path --suffix=mount "$PWD/$path")"
	done
	[ "$(find out/early -name '*.mount' -type f | wc -l)" -eq 5 ]
	grep -F "$PWD/real/none/../x" said
	# the same names as systemd's
	find out/early -name '*.mount' -type f -printf '%f\n' | sort >ours
	generate "$SYSTEMD" fstab || cat said
	find out/normal -name '*.mount' -type f -printf '%f\n' | sort | diff ours -
}

@test "an administrator's own unit is left alone" {
	mkdir -p etc/systemd/system
	echo '[Mount]' >etc/systemd/system/srv-a.mount
	ln -s /dev/null etc/systemd/system/srv-b.mount
	ln -s /nowhere etc/systemd/system/srv-c.automount
	printf '%s\n' '//h/s /srv/a azfiles defaults' '//h/s /srv/b azfiles _netdev' \
		'//h/s /srv/c azfiles x-systemd.automount' >fstab
	generate "$GENERATOR" fstab
	[ "$(find out -type f)" = out/early/srv-c.mount ]
	[ -z "$(<said)" ]
}

@test "fstab=no on the kernel's command line, and SYSTEMD_FSTAB" {
	echo '//h/s /srv/a azfiles defaults' >fstab
	for words in 'quiet fstab=no' 'fstab=yes fstab=0 x' 'fstab=OFF'; do
		SYSTEMD_PROC_CMDLINE=$words generate "$GENERATOR" fstab
		[ "$(find out -type f | wc -l)" -eq 0 ]
	done
	for words in '' 'rd.fstab=no' 'fstab=no fstab=yes' 'xfstab=no'; do
		SYSTEMD_PROC_CMDLINE=$words generate "$GENERATOR" fstab
		[ -e out/early/srv-a.mount ]
	done
	echo '//h/s /srv/b azfiles defaults' >other
	SYSTEMD_FSTAB=$PWD/other generate "$GENERATOR" fstab
	[ -e out/early/srv-b.mount ]
	[ ! -e out/early/srv-a.mount ]
	grep -xF "SourcePath=$PWD/other" out/early/srv-b.mount
}

# bats test_tags=valgrind
@test "no fstab, an empty one, one without azfiles: nothing" {
	for fstab in /nonexistent /dev/null; do
		SYSTEMD_FSTAB=$fstab generate "$GENERATOR" /dev/null
		[ "$(find out -mindepth 2 | wc -l)" -eq 0 ]
		[ -z "$(<said)" ]
	done
	printf '%s\n' '/dev/sda1 / ext4 defaults 0 1' '//h/s /srv/a cifs _netdev 0 0' >fstab
	generate "$GENERATOR" fstab
	[ "$(find out -mindepth 2 | wc -l)" -eq 0 ]
	[ -z "$(<said)" ]
	SYSTEMD_FSTAB=/ run -1 generate "$GENERATOR" /dev/null
	grep -F 'azfiles-generator: /: cannot be read: ' said
}

@test "one directory for all three, and wrong calls" {
	echo '//h/s /srv/a azfiles defaults' >etc/fstab
	mkdir one
	in_etc "$GENERATOR" one
	[ -e one/srv-a.mount ]
	for arguments in '' 'one one' 'one one one one' nowhere 'one nowhere one' etc/fstab; do
		# shellcheck disable=SC2086 # several words
		run -1 in_etc "$GENERATOR" $arguments
		[[ $output == *Usage:*azfiles-generator* ]]
	done
}

# bats test_tags=valgrind
@test "what cannot be written is said, and the other lines are" {
	printf '//h/s /srv/%s azfiles defaults\n' a b >etc/fstab
	mkdir -p out/normal out/early/srv-a.mount
	run -1 --separate-stderr in_etc "$GENERATOR" out/normal out/early out/normal
	[ "$stderr" = 'azfiles-generator: /etc/fstab: cannot write srv-a.mount: File exists' ]
	[ -f out/early/srv-b.mount ]
	# a full file system leaves no half of a unit
	mkdir full
	run -1 --separate-stderr unshare -m sh -c 'mount --bind etc /etc &&
		mount -t tmpfs -o size=4k none full && { cat /dev/zero >full/big 2>/dev/null || true; } &&
		"$@"; status=$?; ls full; exit $status' - "$GENERATOR" full
	[[ $stderr == *'cannot write srv-a.mount: No space left on device'* ]]
	[ "$output" = big ]
}

@test "nothing of a line's options is said" {
	printf '%s\n' '//h/s /srv/a azfiles password=SECRET,a\012b' \
		'//h/s /srv/a azfiles password=SECRET' 'password=SECRET' >fstab
	generate "$GENERATOR" fstab
	[ "$(wc -l <said)" -eq 3 ]
	! grep SECRET said || false
}

@test "as a part of systemd it writes into the kernel's log" {
	echo broken >etc/fstab
	: >kmsg
	mkdir -p out
	SYSTEMD_SCOPE=system run unshare -m sh -c 'mount --bind etc /etc &&
		mount --bind kmsg /dev/kmsg && exec "$@"' - "$GENERATOR" out
	[ -z "$output" ]
	grep -xE '<28>azfiles-generator\[[0-9]+\]: /etc/fstab: line 1 cannot be read.*' kmsg
	: >kmsg
	unshare -m sh -c 'mount --bind etc /etc &&
		mount --bind kmsg /dev/kmsg && exec "$@" 2>/dev/null' - "$GENERATOR" out
	[ "$(wc -l <kmsg)" -eq 1 ]
}

# Milliseconds of CPU that PROGRAM takes for /etc/fstab, the least of some runs;
# into a file system like that of /run.
cpu_ms() {
	unshare -m bash -c 'mount --bind etc /etc && mount -t tmpfs none out || exit
		TIMEFORMAT="%U %S"
		for round in {1..10}; do
			rm -rf out/* && mkdir out/normal out/early out/late
			{ time "$1" out/normal out/early out/late; } 2>&1
		done' - "$1" | awk '{ t = 1000 * ($1 + $2); if (!n++ || t < best) best = t } END { print best }'
}

@test "1,000 lines take no longer than systemd-fstab-generator's" {
	# a sanitizer's time is not ours
	! grep -q __asan_init "$GENERATOR" || return 0
	local options ours theirs
	mkdir -p out
	for options in _netdev,nofail,identity=system nofail,vers=3.1.1 \
		x-systemd.automount,x-systemd.idle-timeout=10min; do
		seq -f "//acct1.file.core.windows.net/share%g /srv/azfiles/share-%g azfiles $options 0 0" \
			1000 | sed 's/%g/x/' >etc/fstab
		ours=$(cpu_ms "$GENERATOR")
		theirs=$(cpu_ms "$SYSTEMD")
		echo "$options: $ours ms, systemd-fstab-generator $theirs ms"
		[ "${ours%.*}" -le "${theirs%.*}" ]
	done
}
