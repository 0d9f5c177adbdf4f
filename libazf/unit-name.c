// SPDX-License-Identifier: MIT
/* unit-name.c - systemd's names of units for paths, and values in units. */
#include "unit-name.h"

#include <endian.h>
#include <errno.h>

#define LETTERS	  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define IN_PATHS  LETTERS "0123456789:_."
#define IN_NAMES  IN_PATHS "-\\@"
#define HASH_LEN  16
#define AT_MOST_4 4 /* bytes that one becomes: \xNN */

static char *add_char(char *to, char c, const char *plain)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char byte = (unsigned char)c;

	if (strchr(plain, c)) {
		*to++ = c;
		return to;
	}
	*to++ = '\\';
	*to++ = 'x';
	*to++ = hex[byte >> 4];
	*to++ = hex[byte & 15];
	return to;
}

/* ---- names that are too long: SipHash-2-4, by Aumasson and Bernstein ---- */

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* With the key that systemd uses for this. */
static uint64_t hash(const char *data, size_t len)
{
	static const unsigned char key[16] = { 0xec, 0xf2, 0x37, 0xfb,
					       0x58, 0x32, 0x4a, 0x32,
					       0x84, 0x9f, 0x06, 0x9b,
					       0x0d, 0x21, 0xeb, 0x9a };
	uint64_t k0, k1, v[4];
	size_t done = 0;

	memcpy(&k0, key, sizeof(k0));
	memcpy(&k1, key + sizeof(k0), sizeof(k1));
	k0 = le64toh(k0);
	k1 = le64toh(k1);
	v[0] = k0 ^ 0x736f6d6570736575;
	v[1] = k1 ^ 0x646f72616e646f6d;
	v[2] = k0 ^ 0x6c7967656e657261;
	v[3] = k1 ^ 0x7465646279746573;
	for (bool last = false; !last; done += sizeof(uint64_t)) {
		size_t n = len - done < sizeof(uint64_t) ? len - done :
							   sizeof(uint64_t);
		uint64_t word = 0;

		last = n < sizeof(uint64_t);
		memcpy(&word, data + done, n);
		word = le64toh(word);
		if (last)
			word |= (uint64_t)len << 56;
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The hash is of all of the name, the NUL behind it and the suffix included. */
static void shorten(char *name, const char *suffix)
{
	size_t kept = AZF_UNIT_NAME_MAX - strlen(suffix) - HASH_LEN - 1;
	uint64_t h = htobe64(htole64(hash(name, strlen(name) + 1)));

	(void)snprintf(name + kept, AZF_UNIT_NAME_MAX - kept + 1, "_%0*llx%s",
		       HASH_LEN, (unsigned long long)h, suffix);
}

/* ---- names ---- */

int azf_unit_name(const char *path, const char *suffix, char **ret_name)
{
	azf_autofree char *name =
		malloc(AT_MOST_4 * strlen(path) + strlen(suffix) + 2);
	char *end = name;

	if (path[0] != '/')
		return -EINVAL;
	if (!name)
		return -ENOMEM;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0)
			return -EINVAL;
		if (len == 1 && path[0] == '.')
			len = 0;
		if (len && end != name)
			*end++ = '-';
		for (size_t i = 0; i < len; i++) {
			/* with a dot in front the file would be hidden */
			bool hidden = end == name && path[0] == '.';

			end = add_char(end, path[i], hidden ? "" : IN_PATHS);
		}
		path += strcspn(path, "/");
		path += strspn(path, "/");
	}
	if (end == name)
		*end++ = '-';
	memcpy(end, suffix, strlen(suffix) + 1);
	if (strlen(name) > AZF_UNIT_NAME_MAX)
		shorten(name, suffix);
	*ret_name = azf_take(name);
	return 0;
}

static bool has_unit_suffix(const char *text)
{
	static const char *const types[] = {
		"service", "mount", "swap",  "socket", "target",    "device",
		"timer",   "path",  "slice", "scope",  "automount",
	};
	const char *dot = strrchr(text, '.');

	for (size_t i = 0; dot && i < AZF_ARRAY_SIZE(types); i++) {
		if (azf_streq(dot + 1, types[i]))
			return true;
	}
	return false;
}

bool azf_unit_is_name(const char *text)
{
	size_t len = strlen(text);

	return len <= AZF_UNIT_NAME_MAX && has_unit_suffix(text) &&
	       text[0] != '.' && text[0] != '@' &&
	       strspn(text, IN_NAMES) == len;
}

int azf_unit_reference(const char *text, char **ret_name)
{
	static const char suffix[] = ".mount";
	bool device = azf_starts_with(text, "/dev/") ||
		      azf_starts_with(text, "/sys/");
	azf_autofree char *name = NULL;
	char *end;

	if (text[0] == '/')
		return azf_unit_name(text, device ? ".device" : suffix,
				     ret_name);
	name = malloc(AT_MOST_4 * strlen(text) + sizeof(suffix));
	end = name;
	if (!name)
		return -ENOMEM;
	for (; *text; text++)
		end = *text == '/' ? (*end = '-', end + 1) :
				     add_char(end, *text, IN_NAMES);
	*end = '\0';
	if (!has_unit_suffix(name))
		memcpy(end, suffix, sizeof(suffix));
	if (!azf_unit_is_name(name))
		return -EINVAL;
	*ret_name = azf_take(name);
	return 0;
}

/* ---- values ---- */

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * What would be cut off at an end, or take the next line in, gets a specifier
 * beside it that stands for nothing: %i, the instance, in a unit that is none.
 */
int azf_unit_value(const char *text, char **ret_value)
{
	size_t len = strlen(text);
	azf_autofree char *value = malloc(2 * len + sizeof("%i%i"));
	char *end = value;

	if (!value)
		return -ENOMEM;
	if (is_blank(text[0]))
		end = stpcpy(end, "%i");
	for (size_t i = 0; i < len; i++) {
		if (is_control(text[i]) && text[i] != '\t')
			return -EINVAL;
		if (text[i] == '%')
			*end++ = '%';
		*end++ = text[i];
	}
	if (len == 0)
		return -EINVAL;
	if (is_blank(text[len - 1]) || text[len - 1] == '\\')
		end = stpcpy(end, "%i");
	*end = '\0';
	*ret_value = azf_take(value);
	return 0;
}

int azf_unit_word(const char *text, char **ret_word)
{
	azf_autofree char *word = malloc(2 * strlen(text) + sizeof("\"\""));
	char *end = word;

	if (!word)
		return -ENOMEM;
	*end++ = '"';
	for (; *text; text++) {
		if (is_control(*text))
			return -EINVAL;
		if (*text == '%')
			*end++ = '%';
		else if (strchr("\"\\", *text))
			*end++ = '\\';
		*end++ = *text;
	}
	memcpy(end, "\"", sizeof("\""));
	*ret_word = azf_take(word);
	return 0;
}
