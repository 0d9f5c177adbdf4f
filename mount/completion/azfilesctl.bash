# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for azfilesctl, which has the tables. Nothing of what is on the line, in
# fstab or in the kernel's list of mounts is ever evaluated, and no mount point is
# looked at: one that hangs would hang the shell.

eval "$(command azfilesctl completion bash)"

# Takes the line up to the cursor apart, as the shell would: the words before go
# into $words, without their quotes, and the one at the cursor into $word. Readline
# will replace what stands behind $kept of it, and adds what closes $quote.
_azfilesctl_split() {
	local line=${COMP_LINE:0:COMP_POINT} c open='' i
	words=() word='' kept='' quote=''
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $c == "$quote" ]]; then
			quote=''
		elif [[ $quote == \' ]]; then
			word+=$c
		elif [[ $c == \\ ]]; then
			i=$((i + 1))
			c=${line:i:1}
			[[ -z $quote || $c == [\\\"\$\`] ]] || word+=\\
			word+=$c
		elif [[ -n $quote ]]; then
			word+=$c
		elif [[ $c == [\'\"] ]]; then
			quote=$c open=1 kept=$word
		elif [[ $c == [[:blank:]] ]]; then
			[[ -z $word$open ]] || words+=("$word")
			word='' kept='' open=''
		else
			word+=$c
			[[ $COMP_WORDBREAKS != *"$c"* ]] || kept=$word
		fi
	done
	# behind a quote that is closed already readline has ideas of its own
	[[ -z $open || -n $quote ]]
}

# offer CANDIDATE...: those that begin with $word, quoted as it is.
_azfilesctl_offer() {
	local candidate rest
	for candidate in "$@"; do
		[[ $candidate == "$word"* ]] || continue
		rest=${candidate#"$kept"}
		case $quote in
			\') rest=${rest//\'/"'\\''"} ;;
			\")
				# shellcheck disable=SC1003
				rest=${rest//\\/'\\'}
				rest=${rest//\"/'\"'}
				rest=${rest//\$/'\$'}
				rest=${rest//\`/'\`'}
				;;
			*) [[ $rest != *[!a-zA-Z0-9_./,:=@%+-]* ]] || printf -v rest %q "$rest" ;;
		esac
		COMPREPLY+=("$rest")
	done
}

# A column of fstab's and the kernel's mounts: SOURCE or TARGET; into $found.
# findmnt writes what is odd, a newline too, as \xHH.
_azfilesctl_findmnt() {
	local line
	found=()
	while IFS= read -r line; do
		printf -v line %b "$line"
		found+=("$line")
	done < <(
		findmnt --fstab -rnvo "$1" -t azfiles 2>/dev/null
		findmnt -rnvo "$1" -t cifs,smb3 2>/dev/null
	)
}

# values BEFORE KIND...: of these kinds; BEFORE is "--option=" when that is part of
# the word.
_azfilesctl_values() {
	local before=$1 kind source host item
	local -a found hosts mount_options
	shift
	for kind; do
		case $kind in
			source | target)
				_azfilesctl_findmnt "${kind^^}"
				_azfilesctl_offer "${found[@]/#/"$before"}"
				[[ $kind == source || ${#COMPREPLY[@]} -gt 0 ]] || compopt -o dirnames
				;;
			account | host)
				_azfilesctl_findmnt SOURCE
				hosts=()
				for source in "${found[@]}"; do
					host=${source#//}
					hosts+=("${host%%/*}")
				done
				[[ $kind == host ]] || _azfilesctl_accounts
				_azfilesctl_offer "${hosts[@]/#/"$before"}"
				;;
			file) compopt -o default ;;
			mount_options)
				# separated by commas; of one with a value, either the name or the whole
				_azfilesctl_table_mount_options
				item=${word#"$before"}
				if [[ $item == *,* ]]; then
					before+=${item%,*},
					item=${item##*,}
				fi
				for source in "${mount_options[@]}"; do
					[[ $item == *=* || $source != *=?* ]] || continue
					[[ $item != *=* || $source == *=?* ]] || continue
					_azfilesctl_offer "$before$source"
				done
				compopt -o nospace
				;;
		esac
	done
}

# $hosts become accounts. Those with a stored key come alone where we may see them
# and one of them fits.
_azfilesctl_accounts() {
	local host file name
	local -a accounts=() stored=()
	for host in "${hosts[@]}"; do
		case $host in
			*.file.core.* | *.file.storage.azure.net) accounts+=("${host%%.*}") ;;
			*) accounts+=("$host") ;;
		esac
	done
	# shellcheck disable=SC2154
	for file in "$_azfilesctl_keys"/*.cred "$_azfilesctl_keys"/*.cred.enc; do
		name=${file##*/}
		name=${name%.enc}
		name=${name%.cred}
		[[ ! -e $file || $name != "$word"* ]] || stored+=("$name")
	done
	hosts=("${stored[@]}")
	((${#stored[@]} > 0)) || hosts=("${accounts[@]}")
}

# Finds the verb at the start of $words, and takes it off; else offers verbs.
_azfilesctl_find_verb() {
	local -a next=()
	for verb in "${verbs[@]}"; do
		if [[ $verb == "${words[*]:0:1}" ]]; then
			words=("${words[@]:1}")
			return
		elif [[ $verb == *' '* && $verb == "${words[*]:0:2}" ]]; then
			words=("${words[@]:2}")
			return
		elif ((${#words[@]} == 0)); then
			[[ " ${next[*]} " == *" ${verb%% *} "* ]] || next+=("${verb%% *}")
		elif ((${#words[@]} == 1)) && [[ $verb == "${words[0]} "* ]]; then
			next+=("${verb#* }")
		fi
	done
	((${#words[@]} > 0)) || next+=(help --help --version)
	_azfilesctl_offer "${next[@]}"
	return 1
}

_azfilesctl() {
	local word kept quote verb name kind='' row given=' ' position=0
	local -a words verbs arguments=() options=() names=()
	COMPREPLY=()
	_azfilesctl_split || return 0
	_azfilesctl_verbs
	words=("${words[@]:1}")
	[[ ${words[0]-} != help ]] || words=("${words[@]:1}")
	_azfilesctl_find_verb || return 0
	_azfilesctl_verb "$verb"

	for name in "${words[@]}"; do
		if [[ -n $kind ]]; then
			kind=''
		elif [[ $name == -?* ]]; then
			for row in "${options[@]}"; do
				[[ " $row " == *" ${name%%=*} "* ]] || continue
				given+="$row "
				[[ $row != *' '*' '* || $name == *=* ]] || kind=${row#* * }
			done
		else
			position=$((position + 1))
		fi
	done

	# shellcheck disable=SC2086 # several words
	if [[ -n $kind ]]; then
		_azfilesctl_values '' $kind
	elif [[ $word == --*=* ]]; then
		for row in "${options[@]}"; do
			[[ $row != *" ${word%%=*} "* ]] ||
				_azfilesctl_values "${word%%=*}=" ${row#* * }
		done
	elif [[ $word != -* && -n ${arguments[position]-} ]]; then
		_azfilesctl_values '' ${arguments[position]}
	else
		for row in "${options[@]}"; do
			[[ $given != *" $row "* ]] || continue
			read -ra names <<<"$row"
			[[ ${names[0]} == - ]] || _azfilesctl_offer "${names[0]}"
			_azfilesctl_offer "${names[1]}"
		done
		_azfilesctl_offer --help
	fi
}

complete -F _azfilesctl azfilesctl
