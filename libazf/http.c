// SPDX-License-Identifier: MIT
/*
 * http.c - requests over HTTP; the only user of libcurl.
 *
 * What curl could do beyond one request to one host is switched off: other
 * protocols, redirects, proxies from the environment, .netrc, cookies. Its heap
 * is ours, so that headers and bodies with tokens are wiped.
 */
#include "http.h"

#include "azf.h"
#include "config.h"
#include "secret.h"
#include "wipe.h"

#include <ctype.h>
#include <curl/curl.h>
#include <dirent.h>
#include <netdb.h>
#include <time.h>

#define METADATA_CONNECT_MS 2000
#define CA_PATH		    "/etc/ssl/certs"

/**
 * struct azf_http - one handle, one answer
 * @ca_path: the hashed directory of CA certificates, or NULL for curl's bundle
 * @too_large: the body did not fit
 *
 * In memory of azf_secret_alloc().
 */
struct azf_http {
	CURL *curl;
	const struct azf_config *config;
	const char *ca_path;
	bool too_large;
	struct azf_http_answer answer;
};

/*
 * A hashed directory is read certificate by certificate as they are needed,
 * the bundle as a whole, which takes 50 ms. Only some distributions hash it.
 */
static bool is_hashed(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = strlen(entry->d_name) == 10 &&
			strspn(entry->d_name, "0123456789abcdef") == 8 &&
			entry->d_name[8] == '.' &&
			isdigit((unsigned char)entry->d_name[9]);
	(void)closedir(dir);
	return found;
}

struct azf_http *azf_http_new(const struct azf_config *config)
{
	struct azf_http *http;

	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, azf_wipe_free,
				 azf_wipe_realloc, azf_wipe_strdup, calloc))
		return NULL;
	http = azf_secret_alloc(sizeof(*http));
	if (!http)
		return NULL;
	http->config = config;
	http->curl = curl_easy_init();
	if (!http->curl) {
		azf_secret_release(http, sizeof(*http));
		return NULL;
	}
	if (!config->ca_path && !config->ca_file && is_hashed(CA_PATH))
		http->ca_path = CA_PATH;
	return http;
}

void azf_http_free(struct azf_http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
	azf_secret_release(http, sizeof(*http));
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct azf_http *http = arg;
	struct azf_http_answer *answer = &http->answer;
	size_t len = size * count;

	if (len > AZF_HTTP_BODY_MAX - answer->len) {
		http->too_large = true;
		return 0;
	}
	memcpy(answer->body + answer->len, data, len);
	answer->len += len;
	answer->body[answer->len] = '\0';
	return len;
}

static const struct {
	const char *name;
	size_t offset;
	size_t size;
} kept_headers[] = {
#define KEEP(name, member)                                            \
	{                                                             \
		name, offsetof(struct azf_http_answer, member),       \
			sizeof(((struct azf_http_answer *)0)->member) \
	}
	KEEP("x-ms-error-code", error_code),
	KEEP("x-ms-request-id", request_id),
	KEEP("www-authenticate", challenge),
#undef KEEP
};

static void keep_header(struct azf_http_answer *answer, const char *name,
			const char *value)
{
	if (strcasecmp(name, "date") == 0) {
		time_t date = curl_getdate(value, NULL);

		/* before 1970 is no server's clock */
		answer->date = date < 0 ? -1 : date;
	}
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kept_headers); i++) {
		if (strcasecmp(name, kept_headers[i].name) == 0)
			(void)snprintf((char *)answer + kept_headers[i].offset,
				       kept_headers[i].size, "%s", value);
	}
}

/* With its name cut off at the colon and its end at the CR. */
void azf_http_header(const char *data, size_t len,
		     struct azf_http_answer *answer)
{
	char line[1024];
	char *value;

	if (len >= sizeof(line))
		return;
	memcpy(line, data, len);
	line[len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	value = strchr(line, ':');
	if (!value)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	azf_printable(value);
	keep_header(answer, line, value);
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct azf_http *http = arg;

	azf_http_header(data, size * count, &http->answer);
	return size * count;
}

/* A failed option would be one restriction less: all of them count. */
#define set(option, value)                                       \
	do {                                                     \
		if (curl_easy_setopt(http->curl, option, value)) \
			return false;                            \
	} while (0)

static bool set_trust(struct azf_http *http)
{
	const struct azf_config *config = http->config;
	const char *path = config->ca_path ? config->ca_path : http->ca_path;

	set(CURLOPT_SSL_VERIFYPEER, 1L);
	set(CURLOPT_SSL_VERIFYHOST, 2L);
	set(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (path || config->ca_file) {
		set(CURLOPT_CAINFO, config->ca_file);
		set(CURLOPT_CAPATH, path);
	}
	return true;
}

static bool set_way(struct azf_http *http, bool metadata)
{
	const struct azf_config *config = http->config;

#if LIBCURL_VERSION_NUM >= 0x075500
	set(CURLOPT_PROTOCOLS_STR, metadata ? "http" : "https");
#else
	set(CURLOPT_PROTOCOLS,
	    (long)(metadata ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* do not wait for a resolver that hangs */
	set(CURLOPT_QUICK_EXIT, 1L);
#endif
	set(CURLOPT_FOLLOWLOCATION, 0L);
	set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	set(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set(CURLOPT_PROXY,
	    metadata || !config->https_proxy ? "" : config->https_proxy);
	set(CURLOPT_NOPROXY, metadata ? "*" : config->no_proxy);
	set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	set(CURLOPT_NOSIGNAL, 1L);
	set(CURLOPT_USERAGENT, "azfiles/" AZF_VERSION);
	return true;
}

static bool set_times(struct azf_http *http, bool metadata, int64_t left_ms)
{
	long connect = (long)http->config->connect_timeout * 1000;
	long total = (long)http->config->total_timeout * 1000;

	if (metadata && connect > METADATA_CONNECT_MS)
		connect = METADATA_CONNECT_MS;
	set(CURLOPT_CONNECTTIMEOUT_MS, connect);
	set(CURLOPT_TIMEOUT_MS, total < left_ms ? total : (long)left_ms);
	return true;
}

static bool set_content(struct azf_http *http,
			const struct azf_http_request *request,
			struct curl_slist *headers)
{
	set(CURLOPT_URL, request->url);
	set(CURLOPT_HTTPHEADER, headers);
	if (request->body) {
		set(CURLOPT_POST, 1L);
		set(CURLOPT_POSTFIELDSIZE, (long)request->body_len);
		set(CURLOPT_POSTFIELDS, request->body);
	}
	set(CURLOPT_WRITEFUNCTION, on_body);
	set(CURLOPT_WRITEDATA, http);
	set(CURLOPT_MAXFILESIZE, (long)AZF_HTTP_BODY_MAX);
	set(CURLOPT_HEADERFUNCTION, on_header);
	set(CURLOPT_HEADERDATA, http);
	set(CURLOPT_ERRORBUFFER, http->answer.detail);
	return true;
}

static void free_headers(struct curl_slist **headers)
{
	curl_slist_free_all(*headers);
}

/* Why a name has no address, which libcurl does not tell. */
static enum azf_http_failure ask_resolver(const char *host)
{
	struct addrinfo *found = NULL;
	int error = getaddrinfo(host, NULL, NULL, &found);

	if (error == 0)
		freeaddrinfo(found);
	return error == EAI_NONAME
#ifdef EAI_NODATA
			       || error == EAI_NODATA
#endif
		       ?
		       AZF_HTTP_NO_NAME :
		       AZF_HTTP_NO_RESOLVER;
}

static enum azf_http_failure timed_out(struct azf_http *http)
{
	curl_off_t looked_up = 0;

	(void)curl_easy_getinfo(http->curl, CURLINFO_NAMELOOKUP_TIME_T,
				&looked_up);
	return looked_up ? AZF_HTTP_SILENT : AZF_HTTP_NO_RESOLVER;
}

static enum azf_http_failure untrusted(const struct azf_http_answer *answer)
{
	return strstr(answer->detail, "not yet valid") ||
			       strstr(answer->detail, "expired") ?
		       AZF_HTTP_CLOCK :
		       AZF_HTTP_UNTRUSTED;
}

static enum azf_http_failure failure_of(struct azf_http *http, CURLcode code,
					const char *host)
{
	if (http->too_large)
		return AZF_HTTP_TOO_LARGE;
	switch (code) {
	case CURLE_OK:
		return AZF_HTTP_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return ask_resolver(host);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return AZF_HTTP_PROXY;
	case CURLE_COULDNT_CONNECT:
		return AZF_HTTP_NO_CONNECTION;
	case CURLE_OPERATION_TIMEDOUT:
		return timed_out(http);
	case CURLE_PEER_FAILED_VERIFICATION:
		return untrusted(&http->answer);
	case CURLE_SSL_CACERT_BADFILE:
		return AZF_HTTP_UNTRUSTED;
	case CURLE_FILESIZE_EXCEEDED:
		return AZF_HTTP_TOO_LARGE;
	case CURLE_FAILED_INIT:
	case CURLE_OUT_OF_MEMORY:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_NOT_BUILT_IN:
		return AZF_HTTP_LOCAL;
	default:
		return http->config->https_proxy && code == CURLE_RECV_ERROR &&
				       strstr(http->answer.detail, "CONNECT") ?
			       AZF_HTTP_PROXY :
			       AZF_HTTP_BROKEN;
	}
}

static void perform(struct azf_http *http,
		    const struct azf_http_request *request)
{
	struct azf_http_answer *answer = &http->answer;
	CURLcode code = curl_easy_perform(http->curl);
	curl_off_t retry_after = 0;
	long status = 0;

	answer->failure = failure_of(http, code, request->host);
	if (answer->failure != AZF_HTTP_ANSWERED) {
		if (!answer->detail[0])
			(void)snprintf(answer->detail, sizeof(answer->detail),
				       "%s", curl_easy_strerror(code));
		azf_printable(answer->detail);
		return;
	}
	(void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &retry_after);
	answer->status = (int)status;
	answer->retry_after = retry_after;
	if (answer->date != -1)
		answer->skew = time(NULL) - answer->date;
}

const struct azf_http_answer *azf_http_send(
	struct azf_http *http, const struct azf_http_request *request,
	int64_t deadline_ms)
{
	azf_cleanup(free_headers) struct curl_slist *headers = NULL;
	struct azf_http_answer *answer = &http->answer;
	int64_t left = deadline_ms - azf_now_ms();

	explicit_bzero(answer, sizeof(*answer));
	http->too_large = false;
	answer->date = -1;
	answer->failure = AZF_HTTP_LOCAL;
	for (const char *const *h = request->headers; h && *h; h++) {
		struct curl_slist *longer = curl_slist_append(headers, *h);

		if (!longer)
			return answer;
		headers = longer;
	}
	if (left < 1)
		left = 1;
	/* keeps the connections, forgets all options */
	curl_easy_reset(http->curl);
	if (set_trust(http) && set_way(http, request->metadata) &&
	    set_times(http, request->metadata, left) &&
	    set_content(http, request, headers))
		perform(http, request);
	return answer;
}

const struct azf_http_answer *azf_http_last(const struct azf_http *http)
{
	return &http->answer;
}

char *azf_http_escape(const char *text, size_t len)
{
	return curl_easy_escape(NULL, text, (int)len);
}
