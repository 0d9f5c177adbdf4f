// SPDX-License-Identifier: MIT
/*
 * source.c - //HOST/SHARE[/PATH] taken apart.
 *
 * Only one spelling is accepted, because it has to reach the kernel unchanged:
 * "mount -a" compares the source in fstab with the one in mountinfo, and a
 * share whose spelling we had improved would be mounted a second time.
 */
#include "source.h"

#include "azf-private.h"

#include <ctype.h>

void azf_source_free(struct azf_source *source)
{
	free(source->host);
	free(source->share);
	free(source->path);
	free(source->account);
	*source = (struct azf_source){ 0 };
}

/* Exports of NFS begin with the account: HOST:/ACCOUNT/SHARE. */
static void drop_account(char *right)
{
	const char *host = right + strlen("//");
	size_t len = strcspn(host, "./");
	char *path = strchr(host, '/');
	const char *share = path ? path + 1 + len : NULL;

	if (path && strncasecmp(path + 1, host, len) == 0 && share[0] == '/' &&
	    share[1])
		memmove(path, share, strlen(share) + 1);
}

/*
 * The accepted spelling of something that means a share in another one:
 * a URL, backslashes, or what NFS has. NULL if it is none of these.
 */
static char *right_spelling(const char *text)
{
	static const char *const schemes[] = { "https:", "http:", "smb:",
					       "cifs:",	 "file:", "azfiles:" };
	azf_autostr struct azf_str right = { 0 };
	bool other = strchr(text, '\\') != NULL;
	bool nfs = false;
	const char *p = text;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(schemes); i++) {
		if (strncasecmp(p, schemes[i], strlen(schemes[i])) == 0) {
			p += strlen(schemes[i]);
			other = true;
			break;
		}
	}
	if (!other && strstr(p, ":/") && p[0] != '/')
		other = nfs = true;
	p += strspn(p, "/\\");
	if (!other || *p == '\0')
		return NULL;
	azf_str_add(&right, "//");
	for (; *p; p++) {
		bool slash = *p == '/' || *p == '\\' ||
			     (*p == ':' && p[1] == '/');

		if (!slash)
			azf_str_add(&right, "%c", *p);
		else if (right.text && right.text[right.len - 1] != '/')
			azf_str_add(&right, "/");
	}
	if (right.failed)
		return NULL;
	if (nfs)
		drop_account(right.text);
	return azf_take(right.text);
}

/* The authority of a URL, or what stands in its place. */
static const char *authority(const char *text)
{
	size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (scheme && azf_starts_with(text + scheme, "://"))
		text += scheme + 1;
	return text + strspn(text, "/\\");
}

/*
 * What follows "user:password@". Keys contain slashes, which nobody quotes, so
 * it is the last '@' that ends them. One behind a question mark may end a
 * password or be part of a signature: then nothing is left to show.
 */
static const char *behind_user(const char *host)
{
	size_t len = strcspn(host, "/\\?");
	const char *at = strrchr(host, '@');

	if (!at || (!memchr(host, '@', len) &&
		    (host[0] == '[' || !memchr(host, ':', len))))
		return host;
	return strcspn(host, "?") < (size_t)(at - host) ? "" : at + 1;
}

char *azf_source_display(const char *text)
{
	const char *host = authority(text);
	const char *shown = behind_user(host);
	char *copy;

	if (asprintf(&copy, "%.*s%.*s", (int)(host - text), text,
		     (int)strcspn(shown, "?"), shown) < 0)
		return NULL;
	azf_printable(copy);
	return copy;
}

static int refuse(struct azf_error *err, const char *text, const char *what)
{
	azf_autofree char *shown = azf_source_display(text);
	azf_autofree char *right = shown ? right_spelling(shown) : NULL;

	if (!shown)
		return azf_no_memory(err);
	azf_fail(err, AZF_E_USAGE, "the source '%s' %s", shown, what);
	if (right || strlen(shown) < strlen(text))
		return azf_cure(err, "Write it as %s", right ? right : shown);
	return azf_cure(err, "Write it as //HOST/SHARE or //HOST/SHARE/PATH, "
			     "for example "
			     "//myaccount.file.core.windows.net/myshare");
}

/* End of the host at @p: IPv6 addresses may be in brackets. */
static const char *host_end(const char *p)
{
	const char *bracket;

	if (*p != '[')
		return p + strcspn(p, "/");
	bracket = p + strcspn(p, "]/");
	return *bracket == ']' && (bracket[1] == '/' || bracket[1] == '\0') ?
		       bracket + 1 :
		       NULL;
}

static char *lower(const char *text, size_t len)
{
	char *copy = strndup(text, len);

	for (char *p = copy; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

char *azf_source_canonical_host(const char *host)
{
	bool private_link = false;
	size_t len, account_len = 0;
	char *name;

	name = lower(host, strlen(host));
	if (!name || !azf_cloud_find(name, &account_len, &private_link) ||
	    !private_link)
		return name;
	len = strlen(".privatelink");
	memmove(name + account_len, name + account_len + len,
		strlen(name + account_len + len) + 1);
	return name;
}

char *azf_source_private_name(const struct azf_source *source)
{
	char *name;

	return asprintf(&name, "%s.privatelink%s", source->account,
			source->host + strlen(source->account)) < 0 ?
		       NULL :
		       name;
}

static int recognise_azure(struct azf_source *source, struct azf_error *err)
{
	size_t len;

	source->cloud = azf_cloud_find(source->host, &len,
				       &source->private_link);
	if (!source->cloud)
		return 0;
	source->account = lower(source->host, len);
	return source->account ? 0 : azf_no_memory(err);
}

/* @p points behind the two slashes. */
static int split(const char *text, const char *p, struct azf_source *source,
		 struct azf_error *err)
{
	const char *end = host_end(p);
	size_t len;

	if (!end)
		return refuse(err, text, "has an unbalanced bracket");
	if (end == p)
		return refuse(err, text, "names no host");
	source->host = *p == '[' ? strndup(p + 1, (size_t)(end - p) - 2) :
				   strndup(p, (size_t)(end - p));
	p = end + strspn(end, "/");
	if (*p == '\0')
		return refuse(err, text, "names no share");
	len = strcspn(p, "/");
	source->share = strndup(p, len);
	p += len;
	source->share_end = (size_t)(p - text);
	p += strspn(p, "/");
	len = strlen(p);
	while (len && p[len - 1] == '/')
		len--;
	source->path = strndup(p, len);
	if (!source->host || !source->share || !source->path)
		return azf_no_memory(err);
	if (source->host[0] == '\0')
		return refuse(err, text, "names no host");
	if (strchr(source->host, '@'))
		return refuse(err, text, "was given with a user name");
	return recognise_azure(source, err);
}

int azf_source_parse(const char *text, struct azf_source *ret_source,
		     struct azf_error *err)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	int r;

	if (azf_has_control(text, strlen(text)))
		return refuse(err, text, "contains a control character");
	if (!azf_starts_with(text, "//") || text[2] == '/' ||
	    strpbrk(text, "\\?"))
		return refuse(err, text, "is not in the form //HOST/SHARE");
	r = split(text, text + 2, &source, err);
	if (r)
		return r;
	*ret_source = source;
	source = (struct azf_source){ 0 };
	return 0;
}

static int refuse_host(const char *text, struct azf_error *err)
{
	azf_autofree char *shown = azf_source_display(text);
	const char *host;

	if (!shown)
		return azf_no_memory(err);
	host = authority(shown);
	if (!host[0] || strchr("/\\:?@", host[0]))
		host = "myaccount.file.core.windows.net";
	azf_fail(err, AZF_E_USAGE, "'%s' is not the name of a host", shown);
	return azf_cure(err, "Write it as %.*s", (int)strcspn(host, "/\\:?"),
			host);
}

int azf_source_host(const char *text, char **ret_host, struct azf_error *err)
{
	char *host;

	if (text[0] == '\0' || text[0] == '.' || strpbrk(text, "/\\:@?[] ") ||
	    azf_has_control(text, strlen(text)))
		return refuse_host(text, err);
	host = azf_source_canonical_host(text);
	if (!host)
		return azf_no_memory(err);
	*ret_host = host;
	return 0;
}
