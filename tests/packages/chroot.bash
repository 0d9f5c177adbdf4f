# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A chroot in which packages are installed: a minimal Debian with what ours depend
# on. It is kept in the cache as the image of the virtual machine is, under a name
# made of its inputs.

: "${suite:?}" # Debian's name, set by who reads this
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${AZF_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/azfiles/vm}
count=0 failed=0

# shellcheck source=tests/packages/listing.bash
. "$here/listing.bash"

include=(systemd mount kmod keyutils ca-certificates libbsd0 libcurl4 libgssapi-krb5-2
	libjansson4 libkrb5-3 libssl3 libyaml-0-2)

base() {
	local key
	key=$(printf '%s\n' "${include[@]}" | sha256sum | cut -c1-16)
	base=$cache/packages-$suite-$key.tar
	[[ ! -e $base ]] || return 0
	mkdir -p "$cache"
	rm -f "$cache/packages-$suite-"*
	mmdebstrap --quiet --variant=minbase --include="$(IFS=,; echo "${include[*]}")" \
		--aptopt='APT::Install-Recommends "false"' "$suite" "$work/base.tar" &&
		mv "$work/base.tar" "$base"
}

# make_root: sets work and root. Both are gone when the test ends.
make_root() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/azf-packages.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	root=$work/root
	mkdir "$root"
	if ! base || ! tar -x -f "$base" -C "$root"; then
		echo "Bail out! no chroot of $suite"
		exit 1
	fi
}

# check DESCRIPTION FUNCTION: passes if no command in it fails. Nothing may follow
# the subshell with "||" or stand before it with "if": in there "set -e" is ignored.
check() {
	local output status word=ok
	count=$((count + 1))
	output=$(set -eEuo pipefail; trap 'echo "line $LINENO: failed: $BASH_COMMAND"' ERR; "$2" 2>&1)
	status=$?
	if ((status != 0)); then
		word='not ok' failed=$((failed + 1))
		printf '%s\n' "$output" | tail -n 60 | sed 's/^/# /'
	fi
	echo "$word $count - $suite: $1"
}

# apart COMMAND...: with mounts and processes of its own, and /proc of the chroot.
apart() {
	unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" "$@" </dev/null
}

inside() {
	apart chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# smoke: what Debian's machines would run, with its own words.
smoke() {
	cp "$here/../../packaging/debian/tests/smoke" "$root/tmp/smoke"
	inside env AUTOPKGTEST_TMP=/tmp /tmp/smoke
}

# What an administrator and the programs have written, and packages have to keep.
configuration=(etc/azfiles/azfiles.conf etc/azfiles/keys/acct1.cred etc/request-key.d/azfiles.conf
	etc/fstab run/azfiles/acct1.file.core.windows.net/system/ticket)

configure() {
	local host=$root/run/azfiles/acct1.file.core.windows.net
	printf 'username=acct1\npassword=AAAA\n' >"$root/etc/azfiles/keys/acct1.cred"
	chmod 0600 "$root/etc/azfiles/keys/acct1.cred"
	echo '# of the administrator' | tee -a "$root/etc/azfiles/azfiles.conf" \
		"$root/etc/request-key.d/azfiles.conf" >/dev/null
	mkdir -p "$host/system"
	chmod -R 0700 "$root/run/azfiles"
	echo expires=1 >"$host/system/ticket"
	(cd "$root" && sha256sum "${configuration[@]}") >"$work/configured"
}

is_configured() { (cd "$root" && sha256sum --quiet -c "$work/configured"); }

# systemctl_in_front: in front of systemctl a program that writes down what is asked of
# it. A directory is all that tells scripts of a systemd that runs; none runs in here.
systemctl_in_front() {
	cat >"$root/usr/sbin/systemctl" <<-'END'
		#!/bin/sh
		echo "$*" >>/tmp/asked
		SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl "$@"
	END
	chmod 0755 "$root/usr/sbin/systemctl"
	mkdir -p "$root/run/systemd/system"
}

# asked: compares what was asked of systemctl, each once, with what stands on stdin.
asked() {
	diff <(sort) <(sort -u "$root/tmp/asked")
	rm "$root/tmp/asked"
}
