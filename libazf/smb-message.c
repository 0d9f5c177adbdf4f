// SPDX-License-Identifier: MIT
/*
 * smb-message.c - the messages of the first exchange of SMB 2 and 3.
 *
 * Sections are those of MS-SMB2. What comes back is an attacker's until it is
 * checked: each number is read where it was seen to be.
 */
#include "smb-negotiate.h"

#include <assert.h>

/* 2.2.1.2, without a session */
#define HEADER_LEN     64
#define COMMAND_OFFSET 12
#define STATUS_OFFSET  8

/* 2.2.3 and 2.2.4: the fixed parts, and where their fields are */
#define REQUEST_LEN	      36
#define RESPONSE_LEN	      64
#define SIGNING_ENABLED	      0x0001U
#define SIGNING_REQUIRED      0x0002U
#define GLOBAL_CAP_ENCRYPTION 0x00000040U
#define GLOBAL_CAPS	      0x0000007fU

/* 2.2.3.1 */
#define CONTEXT_LEN	   8
#define CONTEXT_PREAUTH	   0x0001U
#define CONTEXT_ENCRYPTION 0x0002U
#define HASH_SHA512	   0x0001U
#define SALT_LEN	   32
#define GUID_LEN	   16
#define CONTEXTS_MAX	   16

/* 2.2.3.1.2 */
#define CIPHER_AES_128_CCM 0x0001U

/* 100 ns since 1601 (MS-DTYP 2.3.3), and 1970 in seconds of that */
#define TICKS	   10000000
#define EPOCH_1601 11644473600LL

static const unsigned char protocol_id[4] = { 0xfe, 'S', 'M', 'B' };

static const struct {
	unsigned int dialect;
	unsigned int revision;
	const char *name;
} dialects[] = {
	{ AZF_SMB_202, 0x0202, "2.0.2" }, { AZF_SMB_210, 0x0210, "2.1" },
	{ AZF_SMB_300, 0x0300, "3.0" },	  { AZF_SMB_302, 0x0302, "3.0.2" },
	{ AZF_SMB_311, 0x0311, "3.1.1" },
};

/* In the order in which the kernel offers them; the last it never does. */
static const struct {
	unsigned int id;
	const char *name;
} ciphers[] = {
	{ 0x0002, "AES-128-GCM" },
	{ 0x0004, "AES-256-GCM" },
	{ CIPHER_AES_128_CCM, "AES-128-CCM" },
	{ 0x0003, "AES-256-CCM" },
};

static const struct {
	const char *vers;
	unsigned int dialects;
} versions[] = {
	{ "2.0", AZF_SMB_202 },
	{ "2.1", AZF_SMB_210 },
	{ "3", AZF_SMB_300 | AZF_SMB_302 | AZF_SMB_311 },
	{ "3.0", AZF_SMB_300 },
	{ "3.02", AZF_SMB_302 },
	{ "3.0.2", AZF_SMB_302 },
	{ "3.1.1", AZF_SMB_311 },
	{ "3.11", AZF_SMB_311 },
	{ "default", AZF_SMB_DEFAULT },
};

const char *azf_smb_dialect_name(unsigned int dialect)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(dialects); i++) {
		if (dialects[i].dialect == dialect)
			return dialects[i].name;
	}
	return "?";
}

unsigned int azf_smb_dialects_of(const char *vers)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(versions); i++) {
		if (azf_streq(versions[i].vers, vers))
			return versions[i].dialects;
	}
	return 0;
}

const char *azf_smb_cipher_name(unsigned int cipher)
{
	if (!cipher)
		return "none";
	for (size_t i = 0; i < AZF_ARRAY_SIZE(ciphers); i++) {
		if (ciphers[i].id == cipher)
			return ciphers[i].name;
	}
	return "?";
}

/* ---- to write ---- */

struct writer {
	unsigned char *data;
	size_t len;
};

/* All integers are little endian (2.2). */
static void put(struct writer *writer, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		writer->data[writer->len++] = (unsigned char)(value >> (8 * i) &
							      0xff);
}

static void put_bytes(struct writer *writer, const void *data, size_t len)
{
	memcpy(writer->data + writer->len, data, len);
	writer->len += len;
}

static void align(struct writer *writer)
{
	while (writer->len % 8)
		writer->data[writer->len++] = 0;
}

static void put_header(struct writer *writer)
{
	memset(writer->data, 0, HEADER_LEN);
	put_bytes(writer, protocol_id, sizeof(protocol_id));
	put(writer, HEADER_LEN, 2);
	writer->len = COMMAND_OFFSET + 2;
	put(writer, 1, 2); /* credits */
	writer->len = HEADER_LEN;
}

/* SMB 3.1.1 does not begin without both (3.3.5.4). */
static void put_contexts(struct writer *writer, const unsigned char *salt)
{
	put(writer, CONTEXT_PREAUTH, 2);
	put(writer, 6 + SALT_LEN, 2);
	put(writer, 0, 4);
	put(writer, 1, 2);
	put(writer, SALT_LEN, 2);
	put(writer, HASH_SHA512, 2);
	put_bytes(writer, salt, SALT_LEN);
	align(writer);
	put(writer, CONTEXT_ENCRYPTION, 2);
	put(writer, 2 + 2 * AZF_ARRAY_SIZE(ciphers), 2);
	put(writer, 0, 4);
	put(writer, AZF_ARRAY_SIZE(ciphers), 2);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(ciphers); i++)
		put(writer, ciphers[i].id, 2);
}

size_t azf_smb_request(unsigned int set, const unsigned char *random,
		       unsigned char message[AZF_SMB_MESSAGE_MAX])
{
	bool contexts = set & AZF_SMB_311;
	/* the transport's header is before all that offsets count from */
	struct writer writer = { message + 4, 0 };
	size_t count = 0, offset;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(dialects); i++)
		count += (set & dialects[i].dialect) != 0;
	offset = (HEADER_LEN + REQUEST_LEN + 2 * count + 7) / 8 * 8;
	put_header(&writer);
	put(&writer, REQUEST_LEN, 2);
	put(&writer, count, 2);
	put(&writer, SIGNING_ENABLED, 2);
	put(&writer, 0, 2);
	put(&writer, set > AZF_SMB_210 ? GLOBAL_CAPS : 0, 4);
	put_bytes(&writer, random, GUID_LEN);
	put(&writer, contexts ? offset : 0, 4);
	put(&writer, contexts ? 2 : 0, 2);
	put(&writer, 0, 2);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(dialects); i++) {
		if (set & dialects[i].dialect)
			put(&writer, dialects[i].revision, 2);
	}
	if (contexts) {
		align(&writer);
		put_contexts(&writer, random + GUID_LEN);
	}
	message[0] = 0;
	message[1] = (unsigned char)(writer.len >> 16 & 0xff);
	message[2] = (unsigned char)(writer.len >> 8 & 0xff);
	message[3] = (unsigned char)(writer.len & 0xff);
	return writer.len + 4;
}

/* ---- to read ---- */

static uint64_t get(const unsigned char *data, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i--;)
		value = value << 8 | data[i];
	return value;
}

/* The one cipher that the server chose, or 0. */
static unsigned int find_cipher(const unsigned char *message, size_t len,
				size_t offset, size_t count)
{
	for (size_t i = 0; i < count && i < CONTEXTS_MAX; i++) {
		size_t data_len;

		if (offset > len || len - offset < CONTEXT_LEN)
			return 0;
		data_len = get(message + offset + 2, 2);
		if (len - offset - CONTEXT_LEN < data_len)
			return 0;
		if (get(message + offset, 2) == CONTEXT_ENCRYPTION &&
		    data_len >= 4 &&
		    get(message + offset + CONTEXT_LEN, 2) == 1)
			return (unsigned int)get(
				message + offset + CONTEXT_LEN + 2, 2);
		offset += (CONTEXT_LEN + data_len + 7) / 8 * 8;
	}
	return 0;
}

static void take_time(uint64_t ticks, int64_t now,
		      struct azf_smb_answer *answer)
{
	/* at most 63 bits are a FILETIME */
	if (!ticks || ticks > INT64_MAX)
		return;
	answer->time = (int64_t)(ticks / TICKS) - EPOCH_1601;
	answer->skew = now - answer->time;
}

/* @body: the fixed part of the response, which is there as a whole */
static void take_body(const unsigned char *message, size_t len, int64_t now,
		      struct azf_smb_answer *answer)
{
	const unsigned char *body = message + HEADER_LEN;
	unsigned int revision = (unsigned int)get(body + 4, 2);
	bool encrypts = get(body + 24, 4) & GLOBAL_CAP_ENCRYPTION;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(dialects); i++) {
		if (dialects[i].revision == revision)
			answer->dialect = dialects[i].dialect;
	}
	answer->must_sign = get(body + 2, 2) & SIGNING_REQUIRED;
	take_time(get(body + 40, 8), now, answer);
	if (answer->dialect == AZF_SMB_311)
		answer->cipher = find_cipher(message, len, get(body + 60, 4),
					     get(body + 6, 2));
	else if (answer->dialect & (AZF_SMB_300 | AZF_SMB_302) && encrypts)
		answer->cipher = CIPHER_AES_128_CCM;
}

void azf_smb_parse(const unsigned char *message, size_t len, int64_t now,
		   struct azf_smb_answer *ret_answer)
{
	static_assert(HEADER_LEN + RESPONSE_LEN < AZF_SMB_MESSAGE_MAX,
		      "a response fits");

	*ret_answer = (struct azf_smb_answer){ .result = AZF_SMB_NO_SMB };
	if (len < HEADER_LEN || memcmp(message, protocol_id, 4) != 0 ||
	    get(message + 4, 2) != HEADER_LEN ||
	    get(message + COMMAND_OFFSET, 2) != 0)
		return;
	ret_answer->status = (uint32_t)get(message + STATUS_OFFSET, 4);
	if (ret_answer->status) {
		ret_answer->result = AZF_SMB_REFUSED;
		return;
	}
	if (len < HEADER_LEN + RESPONSE_LEN ||
	    get(message + HEADER_LEN, 2) != RESPONSE_LEN + 1)
		return;
	ret_answer->result = AZF_SMB_ANSWERED;
	take_body(message, len, now, ret_answer);
}
