# SPDX-License-Identifier: MIT
# fish completion for azfilesctl, which has the tables. Nothing of what is in fstab or in the
# kernel's list of mounts is ever evaluated.

# What the lines of the tables say.
function __azfilesctl_word
	complete -c azfilesctl -n "__azfilesctl_group $argv[1]" -a $argv[2] -d $argv[3]
end
function __azfilesctl_operand
	complete -c azfilesctl -n "__azfilesctl_argument $argv[1]" -a "(__azfilesctl_offer $argv[2..])"
end
function __azfilesctl_option
	complete -c azfilesctl -n "__azfilesctl_verb $argv[1]" -l $argv[2] -d $argv[3] $argv[4..]
end
function __azfilesctl_flag
	complete -c azfilesctl -n "__azfilesctl_verb $argv[1]; and not __fish_contains_opt $argv[4..] $argv[2]" -l $argv[2] -d $argv[3] $argv[4..]
end

complete -c azfilesctl -f
command azfilesctl completion fish | source

# The words between azfilesctl, or "azfilesctl help", and the cursor are these.
function __azfilesctl_group
	set -l words (commandline -opc)
	set -e words[1]
	test "$words[1]" = help; and set -e words[1]
	test "$words" = "$argv"
end

# A line with the verb, and a line for each word behind it.
function __azfilesctl_typed
	set -l words (commandline -opc)
	set -e words[1]
	test "$words[1]" = help; and set -e words[1]
	for verb in (__azfilesctl_verbs)
		set -l count (count (string split ' ' -- $verb))
		if test (count $words) -ge $count; and test "$words[1..$count]" = $verb
			echo $verb
			set -e words[1..$count]
			set -q words[1]; and printf '%s\n' $words
			return 0
		end
	end
	return 1
end

function __azfilesctl_verb
	set -l typed (__azfilesctl_typed)
	test "$typed[1]" = "$argv"
end

# argument N VERB: the next word is the argument number N of the verb, from 0.
function __azfilesctl_argument
	set -l typed (__azfilesctl_typed)
	set -l position 0
	set -l value 0
	test "$typed[1]" = "$argv[2..]"; or return
	set -l valued (__azfilesctl_valued $argv[2..])
	for word in $typed[2..]
		if test $value -eq 1
			set value 0
		else if contains -- $word $valued
			set value 1
		else if not string match -q -- '-*' $word
			set position (math $position + 1)
		end
	end
	test $value -eq 0 -a $position -eq $argv[1]
end

# A column of fstab's and the kernel's mounts: SOURCE or TARGET.
# findmnt writes what is odd as \xHH; a newline stays so.
function __azfilesctl_findmnt
	begin
		findmnt --fstab -rnvo $argv -t azfiles 2>/dev/null
		findmnt -rnvo $argv -t cifs,smb3 2>/dev/null
	end | string match -rv '\\\\x0a' | while read -l line
		printf '%b\n' $line
	end
end

# The hosts of those mounts.
function __azfilesctl_hosts
	__azfilesctl_findmnt SOURCE | string replace -r '^//([^/]*).*' '$1'
end

# offer KIND...
function __azfilesctl_offer
	set -l token (commandline -ct)
	for kind in $argv
		switch $kind
			case source
				__azfilesctl_findmnt SOURCE
			case target
				set -l found (__azfilesctl_findmnt TARGET)
				set -l typed (string unescape -- $token)
				printf '%s\n' $found
				contains -- "$typed" (string sub -l (string length -- "$typed") -- $found)
				or __fish_complete_directories $token ''
			case account
				set -l stored $__azfilesctl_keys/*.cred $__azfilesctl_keys/*.cred.enc
				if set -q stored[1]
					string replace -r '.*/' '' -- $stored | string replace -r '\.cred(\.enc)?$' ''
				else
					__azfilesctl_hosts | string replace -r '\.file\.(core|storage\.azure\.net).*' ''
				end
			case host
				__azfilesctl_hosts
			case mount_options
				# separated by commas; of one with a value, either the name or the whole
				set token (string replace -r '^(--[a-z-]*=|-[a-zA-Z])' '' -- $token)
				set -l item (string replace -r '.*,' '' -- $token)
				set -l before (string replace -r '[^,]*$' '' -- $token)
				if string match -q '*=*' -- $item
					__azfilesctl_mount_options | string match -r '^[^=]*=[^\t]+.*'
				else
					__azfilesctl_mount_options | string match -r '^[^=\t]*=?(?:\t.*)?$'
				end | while read -l line
					printf '%s%s\n' $before $line
				end
		end
	end
end

complete -c azfilesctl -n __azfilesctl_group -a help -d 'show what there is'
complete -c azfilesctl -n __azfilesctl_group -l help -d 'show what there is'
complete -c azfilesctl -n __azfilesctl_group -l version -d 'show the version'
complete -c azfilesctl -n 'not __azfilesctl_group' -l help -d 'show what the verb takes'
