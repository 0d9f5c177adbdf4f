// SPDX-License-Identifier: MIT
/*
 * krbcred-shape.c - whether a KRB-CRED has all that libkrb5 takes for granted.
 *
 * krb5_rd_cred() of MIT Kerberos 1.20 follows a NULL pointer when the optional
 * names of a KrbCredInfo are missing. So the way to them is walked first, in
 * DER, and everything else is left to libkrb5.
 */
#include "krbcred.h"

/* Tags of RFC 4120 5.8.1; those of members are 0xa0 + their number. */
#define KRB_CRED     0x76 /* [APPLICATION 22] */
#define CRED_PART    0x7d /* [APPLICATION 29] */
#define SEQUENCE     0x30
#define OCTET_STRING 0x04
#define MEMBER(n)    (0xa0U + (n))
#define MEMBER_LAST  MEMBER(10)

/* A part of the message. */
struct span {
	const unsigned char *bytes;
	size_t len;
};

/* Cut the first value off @rest. Lengths in the short or one, two byte form. */
static bool take_value(struct span *rest, unsigned int *ret_tag,
		       struct span *ret_value)
{
	const unsigned char *p = rest->bytes;
	size_t head = 2, len;

	if (rest->len < head || (p[0] & 0x1f) == 0x1f)
		return false;
	len = p[1];
	if (len & 0x80) {
		size_t more = len & 0x7f;

		if (more < 1 || more > 2 || rest->len < head + more)
			return false;
		len = more == 1 ? p[2] : (size_t)p[2] << 8 | p[3];
		head += more;
	}
	if (rest->len - head < len)
		return false;
	*ret_tag = p[0];
	*ret_value = (struct span){ p + head, len };
	*rest = (struct span){ p + head + len, rest->len - head - len };
	return true;
}

/* Replace @span, which must be one value with this tag, by its content. */
static bool enter(struct span *span, unsigned int tag)
{
	struct span value;
	unsigned int found;

	if (!take_value(span, &found, &value) || found != tag || span->len)
		return false;
	*span = value;
	return true;
}

/*
 * The content of the member of a sequence that has this tag. Members stand in
 * the order of their tags: libkrb5 takes what comes behind a stranger for
 * missing.
 */
static bool find_member(struct span sequence, unsigned int tag,
			struct span *ret_member)
{
	unsigned int last = MEMBER(0) - 1;
	bool have = false;

	while (sequence.len) {
		struct span value;
		unsigned int found;

		if (!take_value(&sequence, &found, &value) || found <= last ||
		    found > MEMBER_LAST)
			return false;
		if (found == tag) {
			*ret_member = value;
			have = true;
		}
		last = found;
	}
	return have;
}

/* A member that is a list of exactly one value, and that value. */
static bool find_only(struct span sequence, unsigned int tag,
		      struct span *ret_value)
{
	struct span list;
	unsigned int found;

	return find_member(sequence, tag, &list) && enter(&list, SEQUENCE) &&
	       take_value(&list, &found, ret_value) && list.len == 0;
}

static bool has_all(struct span info)
{
	/* key, prealm, pname, endtime, srealm, sname */
	static const unsigned int wanted[] = {
		MEMBER(0), MEMBER(1), MEMBER(2), MEMBER(6), MEMBER(8), MEMBER(9)
	};
	struct span member;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(wanted); i++) {
		if (!find_member(info, wanted[i], &member) || !member.len)
			return false;
	}
	return true;
}

bool azf_krbcred_has_shape(const void *der, size_t len)
{
	struct span message = { der, len };
	struct span ticket, part, info;

	return enter(&message, KRB_CRED) && enter(&message, SEQUENCE) &&
	       find_only(message, MEMBER(2), &ticket) &&
	       find_member(message, MEMBER(3), &part) &&
	       enter(&part, SEQUENCE) && find_member(part, MEMBER(2), &part) &&
	       enter(&part, OCTET_STRING) && enter(&part, CRED_PART) &&
	       enter(&part, SEQUENCE) && find_only(part, MEMBER(0), &info) &&
	       has_all(info);
}
