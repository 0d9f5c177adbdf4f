// SPDX-License-Identifier: MIT
/* test-smb-negotiate.c - what an SMB server offers. */
#include "test.h"

#include "smb-answers.h"
#include "smb-negotiate.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define RECORDED_AT 1795371290LL
#define MAX	    512

static size_t decode(const char *digits, unsigned char *data)
{
	size_t len = strlen(digits) / 2;

	assert_true(len <= MAX);
	for (size_t i = 0; i < len; i++) {
		const char pair[] = { digits[2 * i], digits[2 * i + 1], '\0' };

		data[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return len;
}

static struct azf_smb_answer parse(const char *digits)
{
	struct azf_smb_answer answer;
	unsigned char data[MAX];
	size_t len = decode(digits, data);

	azf_smb_parse(data, len, RECORDED_AT + 100, &answer);
	return answer;
}

static void recorded_answers_are_read(void **state)
{
	static const struct {
		const char *digits;
		unsigned int dialect, cipher;
		bool must_sign;
	} rows[] = {
		{ chose_311, AZF_SMB_311, 2, false },
		{ chose_30, AZF_SMB_300, 1, false },
		{ chose_21, AZF_SMB_210, 0, false },
		{ only_256_ccm, AZF_SMB_311, 3, false },
		{ signs_256_gcm, AZF_SMB_311, 4, true },
		{ encrypts_not, AZF_SMB_311, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_smb_answer answer = parse(rows[i].digits);

		assert_int_equal(answer.result, AZF_SMB_ANSWERED);
		assert_int_equal(answer.dialect, rows[i].dialect);
		assert_int_equal(answer.cipher, rows[i].cipher);
		assert_int_equal(answer.must_sign, rows[i].must_sign);
		/* all were recorded within a minute */
		assert_in_range(answer.time, RECORDED_AT, RECORDED_AT + 60);
		assert_int_equal(answer.skew, RECORDED_AT + 100 - answer.time);
	}
}

static void a_refusal_has_its_status(void **state)
{
	struct azf_smb_answer answer = parse(refused_311);

	(void)state;
	assert_int_equal(answer.result, AZF_SMB_REFUSED);
	assert_int_equal(answer.status, 0xc00000bb);
}

/* Cut anywhere, it is either no answer or one without its contexts. */
static void cut_answers_are_survived(void **state)
{
	unsigned char data[MAX];
	size_t len = decode(chose_311, data);

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		azf_autofree unsigned char *copy = malloc(cut ? cut : 1);
		struct azf_smb_answer answer;

		assert_non_null(copy);
		memcpy(copy, data, cut);
		azf_smb_parse(copy, cut, RECORDED_AT, &answer);
		assert_int_equal(answer.result,
				 cut < 128 ? AZF_SMB_NO_SMB : AZF_SMB_ANSWERED);
		assert_int_equal(answer.cipher, 0);
	}
}

static void other_protocols_are_no_smb(void **state)
{
	static const char *const texts[] = {
		"485454502f312e31203430302042616420526571756573740d0a0d0a",
		"ff534d4272",
		"",
		"fe534d42",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++)
		assert_int_equal(parse(texts[i]).result, AZF_SMB_NO_SMB);
}

static void hostile_offsets_lead_nowhere(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
	} rows[] = {
		/* NegotiateContextOffset, and DataLength of the first context */
		{ 64 + 60, 0xff },  { 64 + 61, 0xff },	{ 64 + 63, 0xff },
		{ 0xe0 + 2, 0xff }, { 0xe0 + 3, 0xff },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_smb_answer answer;
		unsigned char data[MAX];
		size_t len = decode(chose_311, data);

		data[rows[i].at] = rows[i].value;
		azf_smb_parse(data, len, RECORDED_AT, &answer);
		assert_int_equal(answer.result, AZF_SMB_ANSWERED);
		assert_int_equal(answer.dialect, AZF_SMB_311);
		assert_int_equal(answer.cipher, 0);
	}
}

static void a_time_that_is_none_is_not_told(void **state)
{
	struct azf_smb_answer answer;
	unsigned char data[MAX];
	size_t len = decode(chose_311, data);

	(void)state;
	memset(data + 64 + 40, 0, 8);
	azf_smb_parse(data, len, RECORDED_AT, &answer);
	assert_int_equal(answer.time, 0);
	assert_int_equal(answer.skew, 0);
	memset(data + 64 + 40, 0xff, 8);
	azf_smb_parse(data, len, RECORDED_AT, &answer);
	assert_int_equal(answer.time, 0);
}

static void a_request_has_what_it_offers(void **state)
{
	static const unsigned char dialects[] = { 0x10, 0x02, 0x00, 0x03,
						  0x02, 0x03, 0x11, 0x03 };
	unsigned char message[AZF_SMB_MESSAGE_MAX], random[48];
	size_t len;

	(void)state;
	memset(random, 7, sizeof(random));
	len = azf_smb_request(AZF_SMB_DEFAULT, random, message);
	assert_int_equal(message[2] << 8 | message[3], len - 4);
	assert_memory_equal(message + 4, "\xfeSMB", 4);
	assert_int_equal(message[4 + 64], 36);
	assert_int_equal(message[4 + 66], 4);
	assert_memory_equal(message + 4 + 100, dialects, sizeof(dialects));
	/* contexts begin at a multiple of eight */
	assert_int_equal(message[4 + 64 + 28], 112);
	assert_int_equal(message[4 + 64 + 32], 2);
	assert_int_equal(message[4 + 112], 1);

	len = azf_smb_request(AZF_SMB_300, random, message);
	assert_int_equal(len, 4 + 64 + 36 + 2);
	assert_int_equal(message[4 + 64 + 28], 0);
}

static void words_of_vers_are_dialects(void **state)
{
	(void)state;
	assert_int_equal(azf_smb_dialects_of("3.1.1"), AZF_SMB_311);
	assert_int_equal(azf_smb_dialects_of("3.02"), AZF_SMB_302);
	assert_int_equal(azf_smb_dialects_of("default"), AZF_SMB_DEFAULT);
	assert_int_equal(azf_smb_dialects_of("1.0"), 0);
	assert_string_equal(azf_smb_dialect_name(AZF_SMB_311), "3.1.1");
	assert_string_equal(azf_smb_dialect_name(0), "?");
	assert_string_equal(azf_smb_cipher_name(4), "AES-256-GCM");
	assert_string_equal(azf_smb_cipher_name(0), "none");
	assert_string_equal(azf_smb_cipher_name(9), "?");
}

/* ---- over the network ---- */

/* A child that takes one connection and says this. */
static pid_t serve(const void *answer, size_t len, bool silent,
		   struct azf_address *address, in_port_t *port)
{
	struct sockaddr_in *in4 = &address->sockaddr.in4;
	socklen_t size = sizeof(*in4);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	*in4 = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	assert_int_equal(bind(fd, (void *)in4, size), 0);
	assert_int_equal(listen(fd, 2), 0);
	assert_int_equal(getsockname(fd, (void *)in4, &size), 0);
	*port = ntohs(in4->sin_port);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char request[512];
		int connection;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		connection = accept(fd, NULL, NULL);
		(void)!read(connection, request, sizeof(request));
		if (silent)
			(void)pause();
		_exit(write(connection, answer, len) != (ssize_t)len);
	}
	(void)close(fd);
	return pid;
}

static enum azf_smb_result ask(const void *answer, size_t len, bool silent,
			       struct azf_smb_answer *ret_answer)
{
	struct azf_address address = { .text = "127.0.0.1" };
	in_port_t port;
	pid_t pid = serve(answer, len, silent, &address, &port);

	assert_int_equal(azf_smb_negotiate(&address, port, AZF_SMB_DEFAULT,
					   ret_answer),
			 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return ret_answer->result;
}

static void a_server_is_asked(void **state)
{
	unsigned char message[MAX] = { 0 };
	size_t len = decode(chose_311, message + 4);
	struct azf_smb_answer answer;

	(void)state;
	message[2] = (unsigned char)(len >> 8);
	message[3] = (unsigned char)(len & 0xff);
	assert_int_equal(ask(message, len + 4, false, &answer),
			 AZF_SMB_ANSWERED);
	assert_int_equal(answer.dialect, AZF_SMB_311);
	assert_int_equal(answer.cipher, 2);
	/* the beginning of an answer is none */
	assert_int_equal(ask(message, len, false, &answer), AZF_SMB_CLOSED);
}

static void servers_of_other_kinds(void **state)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	struct azf_smb_answer answer;
	int64_t began = azf_now_ms();

	(void)state;
	assert_int_equal(ask(http, sizeof(http), false, &answer),
			 AZF_SMB_NO_SMB);
	assert_int_equal(ask("", 0, false, &answer), AZF_SMB_CLOSED);
	assert_int_equal(ask("", 0, true, &answer), AZF_SMB_SILENT);
	assert_in_range(azf_now_ms() - began, 4900, 9000);
}

static void nobody_there(void **state)
{
	struct azf_address address = { .text = "127.0.0.1" };
	struct azf_smb_answer answer;
	in_port_t port;
	pid_t pid = serve("", 0, true, &address, &port);

	(void)state;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(
		azf_smb_negotiate(&address, port, AZF_SMB_DEFAULT, &answer), 0);
	assert_int_equal(answer.result, AZF_SMB_NO_CONNECTION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_answers_are_read),
		cmocka_unit_test(a_refusal_has_its_status),
		cmocka_unit_test(cut_answers_are_survived),
		cmocka_unit_test(other_protocols_are_no_smb),
		cmocka_unit_test(hostile_offsets_lead_nowhere),
		cmocka_unit_test(a_time_that_is_none_is_not_told),
		cmocka_unit_test(a_request_has_what_it_offers),
		cmocka_unit_test(words_of_vers_are_dialects),
		cmocka_unit_test(a_server_is_asked),
		cmocka_unit_test(servers_of_other_kinds),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests_name("smb-negotiate", tests, NULL, NULL);
}
