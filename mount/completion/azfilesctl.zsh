#compdef azfilesctl
# SPDX-License-Identifier: MIT
# zsh completion for azfilesctl, which has the tables. Nothing of what is in fstab or in the
# kernel's list of mounts is ever evaluated.

eval "$(command azfilesctl completion zsh)"

# A column of fstab's and the kernel's mounts: SOURCE or TARGET; into $found.
# findmnt writes what is odd, a newline too, as \xHH.
_azfilesctl_findmnt() {
	local line text
	found=()
	while IFS= read -r line; do
		printf -v text %b "$line"
		found+=("$text")
	done < <(
		findmnt --fstab -rnvo $1 -t azfiles 2>/dev/null
		findmnt -rnvo $1 -t cifs,smb3 2>/dev/null
	)
}

# The hosts of those mounts, as they are or as accounts; into $found.
_azfilesctl_hosts() {
	local source host
	local -a hosts
	_azfilesctl_findmnt SOURCE
	for source in "${(@)found}"; do
		host=${${source#//}%%/*}
		if [[ $1 == account && $host == (*.file.core.*|*.file.storage.azure.net) ]]; then
			host=${host%%.*}
		fi
		hosts+=("$host")
	done
	found=("${(@)hosts}")
}

# offer KIND...
_azfilesctl_offer() {
	local kind ret=1
	local -a found mount_options
	for kind in "$@"; do
		case $kind in
		source)
			_azfilesctl_findmnt SOURCE
			_wanted sources expl share compadd -a found && ret=0
			;;
		target)
			_azfilesctl_findmnt TARGET
			_wanted targets expl 'mount point' compadd -a found && ret=0
			((ret == 0)) || _directories && ret=0
			;;
		account)
			# those with a stored key, where we may see them
			found=($_azfilesctl_keys/*.(cred|cred.enc)(N:t))
			found=("${(@)${(@)found%.enc}%.cred}")
			if ! _wanted accounts expl account compadd -a found; then
				_azfilesctl_hosts account
				_wanted accounts expl account compadd -a found
			fi && ret=0
			;;
		host)
			_azfilesctl_hosts host
			_wanted hosts expl host compadd -a found && ret=0
			;;
		file) _files && ret=0 ;;
		mount_options)
			_azfilesctl_table_mount_options
			_values -s , 'mount option' "${(@)mount_options}" && ret=0
			;;
		esac
	done
	return ret
}

_azfilesctl() {
	local verb row expl
	local -a verbs specs next
	_azfilesctl_verbs
	if ((CURRENT > 2)) && [[ $words[2] == help ]]; then
		shift words
		((CURRENT--))
	fi
	for row in "${(@)verbs}"; do
		verb=${row%%:*}
		if [[ $verb == *' '* ]]; then
			if ((CURRENT > 3)) && [[ $verb == "$words[2] $words[3]" ]]; then
				shift words
				((CURRENT--))
			elif ((CURRENT == 3)) && [[ $verb == "$words[2] "* ]]; then
				next+=("${row#* }")
				continue
			else
				((CURRENT > 2)) || next+=("${verb%% *}")
				continue
			fi
		elif ((CURRENT == 2)); then
			next+=("$row")
			continue
		elif [[ $verb != "$words[2]" ]]; then
			continue
		fi
		shift words
		((CURRENT--))
		_azfilesctl_verb $verb
		_arguments -s -S $specs '(- *)--help[show what it takes]'
		return
	done
	((CURRENT > 2)) || next+=(help --help --version)
	_describe -t verbs verb next
}

# Loaded by compinit, this file is the function; sourced, it defines it.
if [[ $funcstack[1] == _azfilesctl ]]; then
	_azfilesctl "$@"
else
	compdef _azfilesctl azfilesctl
fi
