// SPDX-License-Identifier: MIT
/* jwt.c - a signed client assertion, and base64; the only user of OpenSSL. */
#include "jwt.h"

#include "azf-private.h"
#include "wipe.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define LIFETIME_S     600
#define KEY_BITS_MIN   2048
#define SIGNATURE_MAX  2048 /* a key of 16384 bits */
#define JTI_LEN	       16
#define CLAIM_TEXT_MAX 512

static void free_bio(BIO **bio)
{
	(void)BIO_free(*bio);
}

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

static void free_digest(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/*
 * EVP_DecodeBlock() skips white space and takes '=' for a zero: what it is
 * given has to be in order.
 */
void *azf_base64_decode(const char *text, size_t *ret_len)
{
	size_t len = strlen(text);
	size_t digits = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t padding = len - digits;
	unsigned char *data;

	if (digits == 0 || len % 4 || len > INT_MAX || padding > 2 ||
	    strspn(text + digits, "=") != padding)
		return NULL;
	data = malloc(len / 4 * 3);
	if (!data)
		return NULL;
	if (EVP_DecodeBlock(data, (const unsigned char *)text, (int)len) < 0) {
		azf_wipe_free(data);
		return NULL;
	}
	*ret_len = len / 4 * 3 - padding;
	return data;
}

/* Append base64url without padding. */
static void add_base64url(struct azf_str *out, const void *data, size_t len)
{
	azf_autofree char *text = malloc(len / 3 * 4 + 5);

	if (!text) {
		out->failed = true;
		return;
	}
	(void)EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	for (char *p = text; *p; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = '\0';
	}
	azf_str_add(out, "%s", text);
}

/* Nobody is here to be asked for a pass phrase. */
static int no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int unusable(const char *path, const char *why, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot use the client certificate %s: %s",
		 path, why);
	return azf_cure(err, "It has to be a PEM file with a certificate and "
			     "its RSA key, not encrypted");
}

static EVP_PKEY *read_key(const char *pem, size_t len)
{
	azf_cleanup(free_bio) BIO *bio = BIO_new_mem_buf(pem, (int)len);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) :
		     NULL;
}

/* The certificate of @key among those of the file. */
static X509 *read_certificate(const char *pem, size_t len, EVP_PKEY *key)
{
	azf_cleanup(free_bio) BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *certificate;

	if (!bio)
		return NULL;
	while ((certificate = PEM_read_bio_X509(bio, NULL, no_passphrase,
						NULL))) {
		if (X509_check_private_key(certificate, key))
			return certificate;
		X509_free(certificate);
	}
	return NULL;
}

static bool is_plain(const char *text)
{
	if (!text[0] || strlen(text) > CLAIM_TEXT_MAX)
		return false;
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~' || *text == '"' ||
		    *text == '\\')
			return false;
	}
	return true;
}

static bool add_header(struct azf_str *out, const X509 *certificate)
{
	azf_autostr struct azf_str json = { 0 };
	azf_autostr struct azf_str thumbprint = { 0 };
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!X509_digest(certificate, EVP_sha256(), digest, &len))
		return false;
	add_base64url(&thumbprint, digest, len);
	if (thumbprint.failed)
		return false;
	azf_str_add(&json,
		    "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}",
		    thumbprint.text);
	if (json.failed)
		return false;
	add_base64url(out, json.text, json.len);
	return !out->failed;
}

static bool add_claims(struct azf_str *out, const struct azf_jwt_claims *claims)
{
	azf_autostr struct azf_str json = { 0 };
	unsigned char jti[JTI_LEN];
	long long now = (long long)claims->now;

	if (RAND_bytes(jti, sizeof(jti)) != 1)
		return false;
	azf_str_add(&json,
		    "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\","
		    "\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld,\"jti\":\"",
		    claims->audience, claims->client_id, claims->client_id, now,
		    now, now + LIFETIME_S);
	for (size_t i = 0; i < sizeof(jti); i++)
		azf_str_add(&json, "%02x", jti[i]);
	azf_str_add(&json, "\"}");
	if (json.failed)
		return false;
	add_base64url(out, json.text, json.len);
	return !out->failed;
}

static bool add_signature(struct azf_str *out, EVP_PKEY *key)
{
	azf_cleanup(free_digest) EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *options;

	/* salt as long as the digest, MGF1 with the same digest: RFC 7518 3.5 */
	if (!context ||
	    EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key) !=
		    1 ||
	    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) !=
		    1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) != 1 ||
	    EVP_DigestSign(context, signature, &len,
			   (const unsigned char *)out->text, out->len) != 1)
		return false;
	azf_str_add(out, ".");
	add_base64url(out, signature, len);
	return !out->failed;
}

int azf_jwt_assertion(const char *pem, size_t len, const char *path,
		      const struct azf_jwt_claims *claims, char **ret_assertion,
		      struct azf_error *err)
{
	azf_cleanup(free_key) EVP_PKEY *key = read_key(pem, len);
	azf_cleanup(free_certificate) X509 *certificate = NULL;
	azf_autostr struct azf_str out = { 0 };

	if (!is_plain(claims->client_id) || !is_plain(claims->audience))
		return azf_fail(err, AZF_E_MOUNT,
				"the client id or the authority contains a "
				"character that does not belong there");
	if (!key)
		return unusable(path, "it has no key that can be read", err);
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
	    EVP_PKEY_get_bits(key) < KEY_BITS_MIN ||
	    EVP_PKEY_get_bits(key) > SIGNATURE_MAX * 8)
		return unusable(path, "its key is not RSA of 2048 bits or more",
				err);
	certificate = read_certificate(pem, len, key);
	if (!certificate)
		return unusable(path, "it has no certificate of its key", err);
	if (!add_header(&out, certificate))
		return azf_no_memory(err);
	azf_str_add(&out, ".");
	if (!add_claims(&out, claims) || !add_signature(&out, key))
		return azf_fail(err, AZF_E_SYSTEM,
				"OpenSSL cannot sign the client assertion");
	*ret_assertion = azf_take(out.text);
	return 0;
}
