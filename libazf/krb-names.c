// SPDX-License-Identifier: MIT
/*
 * krb-names.c - the names that a server may have a service ticket by.
 *
 * libkrb5 can do this itself, and then puts what DNS says in the place of what
 * was typed, reverse lookups by default included. Here the name that was typed
 * is always the first to be asked for, and an alias with a name of its own in
 * the directory keeps it.
 */
#include "krb-names.h"

#include "resolve.h"

#include <ctype.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* In lower case, without the dot that may end a name in DNS. */
static void copy_name(char *to, const char *from)
{
	size_t len = strnlen(from, NI_MAXHOST - 1);

	if (len && from[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++)
		to[i] = (char)tolower((unsigned char)from[i]);
	to[len] = '\0';
	azf_printable(to);
}

static void add(struct azf_krb_names *names, const char *name)
{
	if (!name[0] || names->count == AZF_KRB_NAMES_MAX)
		return;
	for (size_t i = 0; i < names->count; i++) {
		if (azf_streq(names->list[i], name))
			return;
	}
	memcpy(names->list[names->count++], name, strlen(name) + 1);
}

static void look_up(struct azf_krb_names *names, const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_CANONNAME };
	struct addrinfo *found = NULL;

	if (getaddrinfo(host, NULL, &hints, &found))
		return;
	(void)getnameinfo(found->ai_addr, found->ai_addrlen, names->address,
			  sizeof(names->address), NULL, 0, NI_NUMERICHOST);
	if (!names->literal && found->ai_canonname)
		copy_name(names->canonical, found->ai_canonname);
	if (azf_streq(names->canonical, host))
		names->canonical[0] = '\0';
	freeaddrinfo(found);
}

void azf_krb_names_hint(struct azf_krb_names *names)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	char name[NI_MAXHOST];

	if (!names->address[0] || names->pointer[0] ||
	    getaddrinfo(names->address, NULL, &hints, &found))
		return;
	if (getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof(name),
			NULL, 0, NI_NAMEREQD) == 0)
		copy_name(names->pointer, name);
	/* a pointer to another address would make that the name of a server */
	if (azf_is_address(names->pointer))
		names->pointer[0] = '\0';
	freeaddrinfo(found);
}

void azf_krb_names_find(const char *host, bool rdns,
			struct azf_krb_names *ret_names)
{
	*ret_names = (struct azf_krb_names){
		.literal = azf_is_address(host),
	};
	look_up(ret_names, host);
	if (!ret_names->literal)
		add(ret_names, host);
	add(ret_names, ret_names->canonical);
	if (!rdns)
		return;
	azf_krb_names_hint(ret_names);
	add(ret_names, ret_names->pointer);
}
