// SPDX-License-Identifier: MIT
/*
 * option-table.c - every option that a mount of ours may carry.
 *
 * The kernel's options are those of fs/smb/client/fs_context.c, Linux 6.1 to
 * 6.12; what a kernel is too old for it refuses itself, and diagnose.c says so.
 * Those of mount(8) are here because only a list that has them all can tell a
 * typo from an option.
 */
#include "options.h"

#define KERNEL_FLAG(name, negatable, help)                                 \
	{                                                                  \
		name, NULL, AZF_FOR_KERNEL, AZF_NO_VALUE, negatable, 0, 0, \
			NULL, NULL, help                                   \
	}
#define KERNEL_UINT(name, min, max, arg, help)                               \
	{                                                                    \
		name, NULL, AZF_FOR_KERNEL, AZF_UINT, false, min, max, NULL, \
			arg, help                                            \
	}
#define KERNEL_TEXT(name, max, words, arg, help)                            \
	{                                                                   \
		name, NULL, AZF_FOR_KERNEL, AZF_TEXT, false, 0, max, words, \
			arg, help                                           \
	}
#define KERNEL(name, value, arg, help)                                     \
	{                                                                  \
		name, NULL, AZF_FOR_KERNEL, value, false, 0, 0, NULL, arg, \
			help                                               \
	}
#define HELPER(name, value, arg, help)                                     \
	{                                                                  \
		name, NULL, AZF_FOR_HELPER, value, false, 0, 0, NULL, arg, \
			help                                               \
	}
#define SECRET(name, help)                                               \
	{                                                                \
		name, NULL, AZF_FOR_SECRET, AZF_TEXT, false, 0, 0, NULL, \
			"KEY", help                                      \
	}
#define ALIAS(name, canonical, owner, value)                                 \
	{                                                                    \
		name, canonical, owner, value, false, 0, 0, NULL, NULL, NULL \
	}
#define MOUNT_FLAG(name)                                                    \
	{                                                                   \
		name, NULL, AZF_FOR_MOUNT, AZF_NO_VALUE, false, 0, 0, NULL, \
			NULL, "see mount(8)"                                \
	}
#define NOBODY(name, value)                                                 \
	{                                                                   \
		name, NULL, AZF_FOR_NOBODY, value, false, 0, 0, NULL, NULL, \
			"see mount(8)"                                      \
	}
#define REFUSE(name, value, cure)                                            \
	{                                                                    \
		name, NULL, AZF_FOR_REFUSAL, value, false, 0, 0, NULL, NULL, \
			cure                                                 \
	}

#define U32_MAX UINT32_MAX

/* clang-format off */
const struct azf_option azf_option_table[] = {
	/* identities */
	HELPER("identity", AZF_TEXT, "WHO",
	       "system, CLIENT-ID, keytab, ccache, workload, sp, token, "
	       "exec:/PATH, key"),
	HELPER("client_id", AZF_TEXT, "ID", "application of workload and sp"),
	HELPER("tenant_id", AZF_TEXT, "ID", "its Entra tenant"),
	HELPER("token_file", AZF_PATH, "FILE",
	       "federated token of workload, bearer token of token"),
	HELPER("client_secret_file", AZF_PATH, "FILE", "client secret of sp"),
	HELPER("client_certificate", AZF_PATH, "FILE",
	       "certificate and private key of sp, PEM"),
	HELPER("authority_host", AZF_TEXT, "HOST",
	       "Entra of another cloud; default: by the name of the server"),
	HELPER("keytab", AZF_PATH, "FILE",
	       "keys of keytab; default: /etc/krb5.keytab"),
	{ "principal", NULL, AZF_FOR_HELPER, AZF_TEXT, false, 0, 255, NULL,
	  "NAME", "whose keys of keytab; default: the machine's, HOST$@REALM" },

	/* credentials, and what else the helper acts on */
	HELPER("credentials", AZF_PATH, "FILE",
	       "file with username=, password=, password2=, domain= lines"),
	ALIAS("cred", "credentials", AZF_FOR_HELPER, AZF_PATH),
	{ "username", NULL, AZF_FOR_HELPER, AZF_TEXT, false, 0, 255, NULL,
	  "NAME", "user name; default: the storage account" },
	ALIAS("user", "username", AZF_FOR_HELPER, AZF_TEXT),
	SECRET("password", "storage account key; better in a credentials file"),
	ALIAS("pass", "password", AZF_FOR_SECRET, AZF_TEXT),
	SECRET("password2", "second key, tried when the first is refused"),
	ALIAS("pass2", "password2", AZF_FOR_SECRET, AZF_TEXT),
	{ "domain", NULL, AZF_FOR_HELPER, AZF_TEXT, false, 0, 255, NULL,
	  "NAME", "domain of the user; Azure ignores it" },
	ALIAS("dom", "domain", AZF_FOR_HELPER, AZF_TEXT),
	ALIAS("workgroup", "domain", AZF_FOR_HELPER, AZF_TEXT),
	HELPER("ip", AZF_ADDRESS, "ADDRESS",
	       "address of the server instead of what its name resolves to"),
	ALIAS("addr", "ip", AZF_FOR_HELPER, AZF_ADDRESS),
	{ "port", NULL, AZF_FOR_HELPER, AZF_UINT, false, 1, 65535, NULL,
	  "PORT", "TCP port of the server; default: 445" },
	{ "retry", NULL, AZF_FOR_HELPER, AZF_TIME, false, 0, 86400, NULL,
	  "TIME", "go on trying for so long (seconds, or 90s, 5m, 1h)" },
	{ "sharesock", NULL, AZF_FOR_HELPER, AZF_NO_VALUE, true, 0, 0, NULL,
	  NULL, "mounts of one server share a connection; default: off" },
	{ "mfsymlinks", NULL, AZF_FOR_HELPER, AZF_NO_VALUE, true, 0, 0, NULL,
	  NULL, "symbolic links as small files; default: on" },

	/* protocol and security */
	KERNEL_TEXT("vers", 0,
		    "default|2.0|2.1|3|3.0|3.0.2|3.02|3.1.1|3.11|1.0",
		    "DIALECT", "SMB dialect; default: the best of 2.1 to 3.1.1"),
	ALIAS("ver", "vers", AZF_FOR_KERNEL, AZF_TEXT),
	KERNEL_TEXT("sec", 0,
		    "none|ntlmv2|ntlmv2i|ntlmssp|ntlmsspi|krb5|krb5i|krb5p",
		    "MODE", "how the user is authenticated"),
	KERNEL_FLAG("seal", false, "encrypt even where the server need not"),
	KERNEL_FLAG("sign", false, "sign every packet"),
	KERNEL_FLAG("ignore_signature", false, "do not check signatures"),
	ALIAS("signloosely", "ignore_signature", AZF_FOR_KERNEL, AZF_NO_VALUE),
	KERNEL_UINT("min_enc_offload", 0, U32_MAX, "BYTES",
		    "decrypt reads of this size and above on other processors"),
	ALIAS("esize", "min_enc_offload", AZF_FOR_KERNEL, AZF_UINT),
	KERNEL_TEXT("netbiosname", 15, NULL, "NAME", "source NetBIOS name"),
	KERNEL_TEXT("servern", 15, NULL, "NAME", "target NetBIOS name"),
	KERNEL(    "srcaddr", AZF_ADDRESS, "ADDRESS", "address to connect from"),
	KERNEL_FLAG("domainauto", false, "domain from the server's answer"),
	KERNEL_FLAG("witness", false, "use the witness protocol"),
	KERNEL_FLAG("rdma", false, "SMB Direct"),
	KERNEL_FLAG("compress", false, "ask for compression"),
	KERNEL_TEXT("upcall_target", 0, "app|mount", "WHERE",
		    "name space in which Kerberos questions are answered"),

	/* owners and permissions, as this machine shows them */
	KERNEL("uid", AZF_UID, "USER", "owner of files and directories"),
	KERNEL("gid", AZF_GID, "GROUP", "group of files and directories"),
	KERNEL("cruid", AZF_UID, "USER", "whose Kerberos tickets to use"),
	KERNEL("backupuid", AZF_UID, "USER", "user with backup intent"),
	KERNEL("backupgid", AZF_GID, "GROUP", "group with backup intent"),
	KERNEL_FLAG("forceuid", true, "ignore owners that the server reports"),
	KERNEL_FLAG("forcegid", true, "ignore groups that the server reports"),
	KERNEL("file_mode", AZF_MODE, "MODE", "permissions of files, octal"),
	KERNEL("dir_mode", AZF_MODE, "MODE", "permissions of directories, octal"),
	ALIAS("dirmode", "dir_mode", AZF_FOR_KERNEL, AZF_MODE),
	KERNEL_FLAG("perm", true, "check permissions on this machine"),
	KERNEL_FLAG("dynperm", true, "permissions kept only in memory"),
	KERNEL_FLAG("setuids", true, "give new files the caller's owner"),
	KERNEL_FLAG("cifsacl", false, "map permissions to NT ACLs"),
	KERNEL_FLAG("acl", true, "POSIX ACLs"),
	KERNEL_FLAG("idsfromsid", false, "owners from the SIDs of Unix users"),
	ALIAS("setuidfromacl", "idsfromsid", AZF_FOR_KERNEL, AZF_NO_VALUE),
	KERNEL_FLAG("modefromsid", false, "keep the permissions in an ACL entry"),
	ALIAS("modesid", "modefromsid", AZF_FOR_KERNEL, AZF_NO_VALUE),
	KERNEL_FLAG("multiuser", false, "every user with credentials of their own"),
	KERNEL("context", AZF_TEXT, "LABEL", "SELinux label of all files"),
	KERNEL("fscontext", AZF_TEXT, "LABEL", "SELinux label of the file system"),
	KERNEL("defcontext", AZF_TEXT, "LABEL", "SELinux label of unlabelled files"),
	KERNEL("rootcontext", AZF_TEXT, "LABEL", "SELinux label of the root"),

	/* names, links and special files */
	KERNEL_FLAG("mapposix", true, "map characters that SMB reserves"),
	KERNEL_FLAG("mapchars", true, "map reserved characters as SFU does"),
	KERNEL_FLAG("sfu", true, "special files as Services for Unix"),
	KERNEL_FLAG("nocase", false, "names without regard to case"),
	ALIAS("ignorecase", "nocase", AZF_FOR_KERNEL, AZF_NO_VALUE),
	KERNEL_FLAG("posixpaths", true, "POSIX path names"),
	KERNEL_FLAG("unix", true, "SMB1's Unix extensions, SMB 3.1.1's POSIX"),
	{ "linux", "unix", AZF_FOR_KERNEL, AZF_NO_VALUE, true, 0, 0, NULL,
	  NULL, NULL },
	{ "posix", "unix", AZF_FOR_KERNEL, AZF_NO_VALUE, true, 0, 0, NULL,
	  NULL, NULL },
	KERNEL_TEXT("iocharset", 31, NULL, "CHARSET", "character set of names"),
	KERNEL_TEXT("reparse", 0, "default|none|nfs|wsl", "TYPE",
		    "how special files are made"),
	KERNEL_TEXT("symlink", 0,
		    "default|none|native|unix|mfsymlinks|sfu|nfs|wsl", "TYPE",
		    "how symbolic links are made"),
	KERNEL("symlinkroot", AZF_PATH, "PATH", "root of absolute native links"),
	KERNEL_FLAG("serverino", true, "inode numbers from the server"),
	KERNEL_FLAG("user_xattr", true, "extended attributes"),
	KERNEL_FLAG("rootfs", false, "the share is the root file system"),
	KERNEL_FLAG("nodfs", false, "do not follow DFS referrals"),
	KERNEL("snapshot", AZF_SNAPSHOT, "TIME", "mount a snapshot of the share"),

	/* caching */
	KERNEL_TEXT("cache", 0, "strict|loose|none|ro|singleclient", "MODE",
		    "how file contents are cached"),
	KERNEL_UINT("actimeo", 0, 1 << 30, "SECONDS",
		    "how long attributes are cached"),
	KERNEL_UINT("acregmax", 0, 1 << 30, "SECONDS", "the same of files"),
	KERNEL_UINT("acdirmax", 0, 1 << 30, "SECONDS", "the same of directories"),
	KERNEL_UINT("closetimeo", 0, 1 << 30, "SECONDS",
		    "how long the handle of a closed file is kept"),
	KERNEL_FLAG("noac", false, "do not cache attributes"),
	KERNEL_FLAG("fsc", false, "cache file contents on a local disk"),
	KERNEL_FLAG("strictsync", true, "fsync() reaches the server's disk"),
	KERNEL_FLAG("handlecache", true, "keep the root directory open"),
	KERNEL_UINT("max_cached_dirs", 0, U32_MAX, "N",
		    "number of directories kept open"),
	KERNEL_FLAG("lease", true, "leases and oplocks"),
	KERNEL_FLAG("locallease", false, "leases granted by this machine alone"),

	/* locks */
	KERNEL_FLAG("brl", true, "send byte-range locks to the server"),
	KERNEL_FLAG("forcemandatorylock", false, "mandatory locks only"),
	ALIAS("forcemand", "forcemandatorylock", AZF_FOR_KERNEL, AZF_NO_VALUE),
	KERNEL_FLAG("nodelete", false, "refuse deletion"),
	KERNEL_FLAG("rwpidforward", false, "send the process id with reads"),
	KERNEL_FLAG("nosparse", false, "no sparse files"),

	/* speed */
	KERNEL_UINT("rsize", 1, U32_MAX, "BYTES", "largest read"),
	KERNEL_UINT("wsize", 1, U32_MAX, "BYTES", "largest write"),
	KERNEL_UINT("bsize", 1 << 14, 1 << 26, "BYTES", "block size reported"),
	KERNEL_UINT("rasize", 1, U32_MAX, "BYTES", "read-ahead"),
	KERNEL_UINT("max_credits", 20, 60000, "N", "requests in flight"),
	KERNEL_UINT("max_channels", 1, 16, "N", "connections per session"),
	KERNEL_FLAG("multichannel", true, "more than one connection"),
	KERNEL_FLAG("tcpnodelay", true, "send small packets at once"),
	KERNEL_FLAG("noblocksend", false, "do not block in send"),
	KERNEL_FLAG("noautotune", false, "fixed socket buffers"),
	KERNEL_FLAG("nativesocket", true, "see mount.cifs(8)"),
	KERNEL_FLAG("nbsessinit", true, "see mount.cifs(8)"),
	KERNEL_FLAG("unicode", true, "see mount.cifs(8)"),

	/* when the server is away */
	KERNEL_FLAG("hard", true, "wait for ever for a server that is away"),
	KERNEL_FLAG("soft", true, "report an error after a while"),
	KERNEL_UINT("retrans", 0, U32_MAX, "N", "how often soft mounts try again"),
	KERNEL_UINT("echo_interval", 1, 600, "SECONDS",
		    "how often an idle connection is checked"),
	KERNEL_UINT("handletimeout", 0, 960000, "MILLISECONDS",
		    "how long the server keeps handles of a lost connection"),
	KERNEL_FLAG("persistenthandles", true, "handles survive a failover"),
	KERNEL_FLAG("resilienthandles", true, "handles survive a lost connection"),
	KERNEL_FLAG("intr", true, "accepted and ignored by the kernel"),

	/* flags of mount(2) */
	MOUNT_FLAG("ro"), MOUNT_FLAG("rw"), MOUNT_FLAG("suid"),
	MOUNT_FLAG("nosuid"), MOUNT_FLAG("dev"), MOUNT_FLAG("nodev"),
	MOUNT_FLAG("exec"), MOUNT_FLAG("noexec"), MOUNT_FLAG("sync"),
	MOUNT_FLAG("async"), MOUNT_FLAG("dirsync"), MOUNT_FLAG("remount"),
	MOUNT_FLAG("mand"), MOUNT_FLAG("nomand"), MOUNT_FLAG("atime"),
	MOUNT_FLAG("noatime"), MOUNT_FLAG("diratime"), MOUNT_FLAG("nodiratime"),
	MOUNT_FLAG("relatime"), MOUNT_FLAG("norelatime"),
	MOUNT_FLAG("strictatime"), MOUNT_FLAG("nostrictatime"),
	MOUNT_FLAG("lazytime"), MOUNT_FLAG("nolazytime"),
	MOUNT_FLAG("iversion"), MOUNT_FLAG("noiversion"),
	MOUNT_FLAG("symfollow"), MOUNT_FLAG("nosymfollow"),
	MOUNT_FLAG("silent"), MOUNT_FLAG("loud"), MOUNT_FLAG("defaults"),
	MOUNT_FLAG("user"), MOUNT_FLAG("users"), MOUNT_FLAG("nouser"),
	MOUNT_FLAG("nousers"), MOUNT_FLAG("owner"), MOUNT_FLAG("noowner"),
	MOUNT_FLAG("group"), MOUNT_FLAG("nogroup"),

	/* done by mount(8), umount(8) or systemd before or after us */
	NOBODY("_netdev", AZF_NO_VALUE), NOBODY("nofail", AZF_NO_VALUE),
	NOBODY("auto", AZF_NO_VALUE), NOBODY("noauto", AZF_NO_VALUE),
	NOBODY("comment", AZF_OPTIONAL), NOBODY("uhelper", AZF_TEXT),
	NOBODY("helper", AZF_TEXT), NOBODY("shared", AZF_NO_VALUE),
	NOBODY("rshared", AZF_NO_VALUE), NOBODY("slave", AZF_NO_VALUE),
	NOBODY("rslave", AZF_NO_VALUE), NOBODY("private", AZF_NO_VALUE),
	NOBODY("rprivate", AZF_NO_VALUE), NOBODY("unbindable", AZF_NO_VALUE),
	NOBODY("runbindable", AZF_NO_VALUE),

	/* known, and never right */
	REFUSE("guest", AZF_NO_VALUE,
	       "Azure Files knows no guests; for another server use sec=none"),
	REFUSE("sloppy", AZF_NO_VALUE,
	       "Use mount -s to have unknown options ignored"),
	REFUSE("unc", AZF_TEXT, "The share is the source: //HOST/SHARE"),
	ALIAS("target", "unc", AZF_FOR_REFUSAL, AZF_TEXT),
	ALIAS("path", "unc", AZF_FOR_REFUSAL, AZF_TEXT),
	REFUSE("prefixpath", AZF_TEXT,
	       "The directory is part of the source: //HOST/SHARE/PATH"),
};
/* clang-format on */

const size_t azf_option_count = AZF_ARRAY_SIZE(azf_option_table);
