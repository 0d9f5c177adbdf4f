/* SPDX-License-Identifier: MIT */
/*
 * smb-negotiate.h - ask an SMB server what it offers.
 *
 * The first exchange of the protocol, and nothing behind it: no one signs in.
 * Sections are those of MS-SMB2.
 */
#ifndef AZF_SMB_NEGOTIATE_H
#define AZF_SMB_NEGOTIATE_H

#include "resolve.h"

/* Dialects that can be offered (2.2.3); a set of them is these ORed. */
enum azf_smb_dialect {
	AZF_SMB_202 = 1 << 0,
	AZF_SMB_210 = 1 << 1,
	AZF_SMB_300 = 1 << 2,
	AZF_SMB_302 = 1 << 3,
	AZF_SMB_311 = 1 << 4,
	/* what the kernel offers without vers= */
	AZF_SMB_DEFAULT = AZF_SMB_210 | AZF_SMB_300 | AZF_SMB_302 | AZF_SMB_311,
};

/* How it went. */
enum azf_smb_result {
	AZF_SMB_ANSWERED,
	AZF_SMB_NO_CONNECTION, /* TCP failed */
	AZF_SMB_SILENT,	       /* no answer in time */
	AZF_SMB_CLOSED,	       /* the connection ended instead of an answer */
	AZF_SMB_REFUSED,       /* an error, which @status has */
	AZF_SMB_NO_SMB,	       /* the answer is not one of SMB 2 or 3 */
};

/**
 * struct azf_smb_answer - what the server chose
 * @result: only with AZF_SMB_ANSWERED the rest is set, but for @status
 * @status: NTSTATUS of a refusal (2.2.1)
 * @dialect: the one of enum azf_smb_dialect; 0 for one that we do not know
 * @cipher: of 2.2.3.1.2 with SMB 3.1.1, 0 for none; with 3.0 and 3.0.2
 *	AES-128-CCM if it can encrypt
 * @must_sign: it takes no unsigned messages
 * @time: of its clock in seconds since 1970; 0 when it does not tell
 * @skew: seconds that our clock is ahead of it, or 0
 */
struct azf_smb_answer {
	enum azf_smb_result result;
	uint32_t status;
	unsigned int dialect;
	unsigned int cipher;
	bool must_sign;
	int64_t time;
	int64_t skew;
};

/**
 * azf_smb_negotiate() - ask one address
 * @address: of the server
 * @port: TCP port, host byte order
 * @dialects: to offer
 * @ret_answer: filled on success
 *
 * In a child without privileges, for ten seconds at most.
 *
 * Return: 0, whatever came back; an errno negated when nobody could be asked.
 */
int azf_smb_negotiate(const struct azf_address *address, in_port_t port,
		      unsigned int dialects, struct azf_smb_answer *ret_answer);

/* "3.1.1"; "?" for a value that is none. */
const char *azf_smb_dialect_name(unsigned int dialect);

/* The set that a value of vers= offers; 0 for SMB 1 and what is none. */
unsigned int azf_smb_dialects_of(const char *vers);

/* "AES-128-GCM"; "none" for 0; "?" for a value that is none. */
const char *azf_smb_cipher_name(unsigned int cipher);

/* ---- for tests: the messages without the network ---- */

#define AZF_SMB_MESSAGE_MAX 4096

/**
 * azf_smb_request() - write a request (2.2.3)
 * @set: of dialects, to offer
 * @random: 48 bytes, for the client's id and a salt
 * @message: gets the request with the header of the transport (2.1)
 *
 * Return: its length in bytes.
 */
size_t azf_smb_request(unsigned int set, const unsigned char *random,
		       unsigned char message[AZF_SMB_MESSAGE_MAX]);

/**
 * azf_smb_parse() - read an answer (2.2.4)
 * @message: without the header of the transport
 * @len: of @message in bytes
 * @now: seconds since 1970
 * @ret_answer: filled
 */
void azf_smb_parse(const unsigned char *message, size_t len, int64_t now,
		   struct azf_smb_answer *ret_answer);

#endif
