# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What a file system has, to be compared.

# What installing and removing any package changes:
unlisted=(
	./tmp ./proc ./sys ./dev       # not of the system; the tests' own files
	./var/lib/dpkg/status\*        # the words of dpkg are asked for apart,
	./var/lib/dpkg/available\*     # and these are written anew in any case
	./var/lib/dpkg/lock\*
	./var/lib/dpkg/triggers/Lock
	./var/log                      # that it happened
	./run/mount ./run/systemd      # whoever mounts, or asks systemctl, makes them
	./var/cache/ldconfig/aux-cache # made anew at each ldconfig
	./etc/ld.so.cache
	'./etc/passwd-' './etc/shadow-' './etc/group-' './etc/gshadow-' # the state before the last change,
	'./etc/subuid-' './etc/subgid-'                                 # from those who add users
	./etc/.pwd.lock
)

# listing ROOT [times]: type, mode, owner, content or target of each file. With
# "times", of files outside of /etc size and time have to do for the content, so
# that a slow machine need not read them; of dpkg's own not even these, for it
# writes lists anew.
listing() {
	local path not=()
	for path in "${unlisted[@]}"; do
		not+=(-path "$path" -prune -o)
	done
	(
		cd "$1" || exit
		find . -xdev "${not[@]}" ! -type f -printf '%p %y %m %U:%G %l\n'
		find . -xdev "${not[@]}" -type f -printf '%p %y %m %U:%G\n'
		if [[ -n ${2:-} ]]; then
			find . -xdev "${not[@]}" -path ./etc -prune -o \
				-path ./var/lib/dpkg -prune -o -type f -printf '%p %s %T@\n'
			find ./etc -xdev "${not[@]}" -type f -print0 | xargs -0 sha256sum
		else
			find . -xdev "${not[@]}" -type f -print0 | xargs -0 sha256sum
		fi
	) | LC_ALL=C sort
}
