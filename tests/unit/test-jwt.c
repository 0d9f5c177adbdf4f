// SPDX-License-Identifier: MIT
/* test-jwt.c - client assertions, verified with OpenSSL; and base64. */
#include "test.h"

#include "json.h"
#include "jwt.h"
#include "wipe.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define NOW 1765082912

static const struct azf_jwt_claims claims = {
	"11111111-2222-3333-4444-555555555555",
	"https://login.microsoftonline.com/tenant/oauth2/v2.0/token", NOW
};

/**
 * struct fixture - a key with its certificate, and another certificate
 * @pem: both certificates and the key
 */
struct fixture {
	EVP_PKEY *key;
	char *pem;
	char *key_pem;
	char *small_pem;
};

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	assert_non_null(certificate);
	assert_true(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 9999));
	assert_true(X509_set_pubkey(certificate, key));
	assert_true(X509_sign(certificate, key, EVP_sha256()));
	return certificate;
}

static void add_pem(BIO *bio, EVP_PKEY *certified, EVP_PKEY *key)
{
	X509 *certificate = certified ? make_certificate(certified) : NULL;

	if (certificate)
		assert_true(PEM_write_bio_X509(bio, certificate));
	X509_free(certificate);
	if (key)
		assert_true(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0,
						     NULL, NULL));
}

static char *text_of(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	char *text = strndup(data, (size_t)len);

	assert_non_null(text);
	(void)BIO_reset(bio);
	return text;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *other = EVP_RSA_gen(2048);
	EVP_PKEY *small = EVP_RSA_gen(1024);

	fixture.key = EVP_RSA_gen(2048);
	if (!bio || !other || !small || !fixture.key)
		return -1;
	add_pem(bio, other, NULL);
	add_pem(bio, fixture.key, fixture.key);
	fixture.pem = text_of(bio);
	add_pem(bio, other, fixture.key);
	fixture.key_pem = text_of(bio);
	add_pem(bio, small, small);
	fixture.small_pem = text_of(bio);
	BIO_free(bio);
	EVP_PKEY_free(other);
	EVP_PKEY_free(small);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	EVP_PKEY_free(fixture->key);
	free(fixture->pem);
	free(fixture->key_pem);
	free(fixture->small_pem);
	return 0;
}

/* base64url without padding, made standard and decoded by the code tested */
static char *decode(const char *part, size_t len, size_t *ret_len)
{
	char text[4096];
	char *data;

	assert_true(len + 4 < sizeof(text));
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(part[i] == '-' ? '+' :
				 part[i] == '_' ? '/' :
						  part[i]);
	while (len % 4)
		text[len++] = '=';
	text[len] = '\0';
	data = azf_base64_decode(text, ret_len);
	assert_non_null(data);
	return data;
}

static struct azf_json *decode_json(const char *part, size_t len)
{
	size_t json_len;
	azf_autowipe char *text = decode(part, len, &json_len);
	struct azf_json *json = azf_json_parse(text, json_len);

	assert_non_null(json);
	return json;
}

static bool verifies(EVP_PKEY *key, const char *signed_part, size_t len,
		     const char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	size_t signature_len;
	azf_autowipe char *raw = decode(signature, strlen(signature),
					&signature_len);
	bool result =
		EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL,
				     key) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) ==
			1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32) == 1 &&
		EVP_DigestVerify(context, (unsigned char *)raw, signature_len,
				 (const unsigned char *)signed_part, len) == 1;

	EVP_MD_CTX_free(context);
	return result;
}

static void an_assertion_can_be_verified(void **state)
{
	struct fixture *fixture = *state;
	azf_autowipe char *text = NULL;
	struct azf_error err = { 0 };
	const char *middle, *end;
	char exp[16];

	assert_int_equal(azf_jwt_assertion(fixture->pem, strlen(fixture->pem),
					   "/c.pem", &claims, &text, &err),
			 0);
	middle = strchr(text, '.');
	end = strrchr(text, '.');
	assert_non_null(middle);
	assert_ptr_not_equal(middle, end);
	assert_null(strpbrk(text, "+/="));
	assert_true(
		verifies(fixture->key, text, (size_t)(end - text), end + 1));
	{
		azf_autojson struct azf_json *head =
			decode_json(text, (size_t)(middle - text));
		azf_autojson struct azf_json *body =
			decode_json(middle + 1, (size_t)(end - middle - 1));

		assert_string_equal(azf_json_string(head, "alg"), "PS256");
		assert_string_equal(azf_json_string(head, "typ"), "JWT");
		assert_int_equal(strlen(azf_json_string(head, "x5t#S256")), 43);
		assert_string_equal(azf_json_string(body, "aud"),
				    claims.audience);
		assert_string_equal(azf_json_string(body, "iss"),
				    claims.client_id);
		assert_string_equal(azf_json_string(body, "sub"),
				    claims.client_id);
		assert_int_equal(strlen(azf_json_string(body, "jti")), 32);
		assert_true(azf_json_text(body, "exp", exp, sizeof(exp)));
		assert_string_equal(exp, "1765083512");
	}
}

static void what_cannot_be_used_is_told(void **state)
{
	const struct fixture *fixture = *state;
	const struct {
		const char *pem, *words;
	} rows[] = {
		{ "", "no key" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n"
		  "-----END PRIVATE KEY-----\n",
		  "no key" },
		{ fixture->key_pem, "no certificate of its key" },
		{ fixture->small_pem, "2048 bits" },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autowipe char *text = NULL;
		struct azf_error err = { 0 };
		int r = azf_jwt_assertion(rows[i].pem, strlen(rows[i].pem),
					  "/c.pem", &claims, &text, &err);

		assert_failure(r, &err, AZF_E_MOUNT, rows[i].words, "PEM");
		assert_contains(err.cause, "/c.pem");
	}
}

static void claims_cannot_break_out(void **state)
{
	const struct fixture *fixture = *state;
	struct azf_jwt_claims bad = { "a\",\"x\":\"", "https://x", NOW };
	azf_autowipe char *text = NULL;
	struct azf_error err = { 0 };

	assert_int_not_equal(azf_jwt_assertion(fixture->pem,
					       strlen(fixture->pem), "/c", &bad,
					       &text, &err),
			     0);
}

static void base64_is_strict(void **state)
{
	static const char *const bad[] = { "",	    "A",    "AA",   "AAA",
					   "AA==A", "A===", "====", "AA A",
					   "AAA\n", "AA=A", "AA-_", "AAAA\n",
					   " AAAA", "AAAA=" };
	size_t len;
	azf_autowipe char *one = azf_base64_decode("YQ==", &len);

	(void)state;
	assert_non_null(one);
	assert_int_equal(len, 1);
	assert_int_equal(one[0], 'a');
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++) {
		if (azf_base64_decode(bad[i], &len))
			fail_msg("accepted: %s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_assertion_can_be_verified),
		cmocka_unit_test(what_cannot_be_used_is_told),
		cmocka_unit_test(claims_cannot_break_out),
		cmocka_unit_test(base64_is_strict),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
