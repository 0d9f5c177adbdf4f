// SPDX-License-Identifier: MIT
/*
 * spnego.c - what a server of SMB wants to see instead of a password.
 *
 * The kernel sends one token and does not look at the answer, so mutual
 * authentication is off: with it there would be no session key yet.
 */
#include "spnego.h"

#include "azf-private.h"
#include "caches.h"
#include "ccache.h"
#include "child.h"
#include "keyring.h"
#include "krb-names.h"
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

/* SPNEGO, 1.3.6.1.5.5.2; libgssapi_krb5 exports no name for it. */
static gss_OID_desc spnego_oid = { 6, (char *)"\x2b\x06\x01\x05\x05\x02" };

/**
 * struct shared - memory of the child and of us
 * @done: @answer is complete
 * @why: else, in words
 * @caches: of the user, if that is who we are
 *
 * When the child is gone, its content is what an attacker may have chosen.
 */
struct shared {
	bool done;
	char why[256];
	struct azf_caches caches;
	struct azf_spnego answer;
};

struct job {
	const struct azf_spnego_request *request;
	int ccache_fd;
	struct shared *shared;
};

/* What the child has of GSSAPI; it ends without giving any of it back. */
struct context {
	gss_cred_id_t credential;
	gss_name_t server;
	gss_ctx_id_t context;
};

static void say_why(struct shared *shared, OM_uint32 major, OM_uint32 minor)
{
	OM_uint32 ignored, more = 0;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

	/* the minor status is Kerberos' own; 0 if there is none */
	if (GSS_ERROR(
		    gss_display_status(&ignored, minor ? minor : major,
				       minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE,
				       &spnego_oid, &more, &text)))
		return;
	(void)snprintf(shared->why, sizeof(shared->why), "%.*s",
		       (int)text.length, (const char *)text.value);
	(void)gss_release_buffer(&ignored, &text);
}

static bool fine(struct shared *shared, OM_uint32 major, OM_uint32 minor)
{
	if (!GSS_ERROR(major))
		return true;
	say_why(shared, major, minor);
	return false;
}

static bool open_ccache(const struct job *job, struct context *ctx)
{
	gss_OID_set_desc mechs = { 1, &spnego_oid };
	gss_key_value_element_desc element = { .key = "ccache" };
	gss_key_value_set_desc store = { 1, &element };
	OM_uint32 major, minor;
	char name[64];

	if (job->ccache_fd < 0) {
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME,
					 GSS_C_INDEFINITE, &mechs,
					 GSS_C_INITIATE, &ctx->credential, NULL,
					 NULL);
		return fine(job->shared, major, minor);
	}
	/* a descriptor of our own can be opened again whatever our user */
	(void)snprintf(name, sizeof(name), "FILE:/proc/self/fd/%d",
		       job->ccache_fd);
	element.value = name;
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE,
				      &mechs, GSS_C_INITIATE, &store,
				      &ctx->credential, NULL, NULL);
	return fine(job->shared, major, minor);
}

/* As a principal: a host based name would be looked up in DNS. */
static bool name_server(const struct job *job, const char *principal,
			struct context *ctx)
{
	gss_buffer_desc text = { strlen(principal), (char *)principal };
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &text,
				(gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME,
				&ctx->server);
	return fine(job->shared, major, minor);
}

static bool copy_key(const gss_buffer_set_desc *keys, struct azf_spnego *answer)
{
	if (keys == GSS_C_NO_BUFFER_SET || keys->count < 1 ||
	    keys->elements[0].length == 0 ||
	    keys->elements[0].length > sizeof(answer->key))
		return false;
	answer->key_len = keys->elements[0].length;
	memcpy(answer->key, keys->elements[0].value, answer->key_len);
	return true;
}

static bool make_token(const struct job *job, struct context *ctx)
{
	struct shared *shared = job->shared;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_buffer_set_t keys = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;

	major = gss_init_sec_context(&minor, ctx->credential, &ctx->context,
				     ctx->server, &spnego_oid, 0, 0,
				     GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER,
				     NULL, &token, NULL, NULL);
	if (!fine(shared, major, minor))
		return false;
	major = gss_inquire_sec_context_by_oid(
		&minor, ctx->context, GSS_C_INQ_SSPI_SESSION_KEY, &keys);
	if (!fine(shared, major, minor))
		return false;
	if (token.length == 0 || token.length > sizeof(shared->answer.token) ||
	    !copy_key(keys, &shared->answer)) {
		(void)snprintf(shared->why, sizeof(shared->why),
			       "the token or its key is of no usable size");
		return false;
	}
	shared->answer.token_len = token.length;
	memcpy(shared->answer.token, token.value, token.length);
	shared->done = true;
	return true;
}

static bool try_server(const struct job *job, struct context *ctx,
		       const char *principal)
{
	ctx->context = GSS_C_NO_CONTEXT;
	return name_server(job, principal, ctx) && make_token(job, ctx);
}

/*
 * With an empty realm Kerberos finds the realm itself, for which it needs a
 * ticket granting ticket. Without one the service's ticket must be there, and
 * is of the realm of its owner.
 */
static bool try_realms(const struct job *job, struct context *ctx,
		       const char *host)
{
	gss_buffer_desc owner = GSS_C_EMPTY_BUFFER;
	gss_name_t name = GSS_C_NO_NAME;
	char principal[512];
	OM_uint32 minor;
	const char *realm;

	(void)snprintf(principal, sizeof(principal), "cifs/%s@", host);
	if (try_server(job, ctx, principal))
		return true;
	if (GSS_ERROR(gss_inquire_cred(&minor, ctx->credential, &name, NULL,
				       NULL, NULL)) ||
	    GSS_ERROR(gss_display_name(&minor, name, &owner, NULL)))
		return false;
	realm = memrchr(owner.value, '@', owner.length);
	if (!realm)
		return false;
	(void)snprintf(principal, sizeof(principal), "cifs/%s%.*s", host,
		       (int)((char *)owner.value + owner.length - realm),
		       realm);
	return try_server(job, ctx, principal);
}

/* As typed, and else by what that is an alias of. */
static void try_names(const struct job *job, struct context *ctx)
{
	struct azf_krb_names names;

	if (try_realms(job, ctx, job->request->host))
		return;
	azf_krb_names_find(job->request->host, false, &names);
	if (names.canonical[0])
		(void)try_realms(job, ctx, names.canonical);
}

/* Return: cifs/HOST@REALM of a ticket that is there; or NULL. */
static char *find_ticket(const struct job *job)
{
	azf_autoccache struct azf_ccache *ccache = NULL;
	struct azf_error err = { 0 };

	if (azf_ccache_read(job->ccache_fd, &ccache, &err))
		return NULL;
	return azf_ccache_find(ccache, job->request->host, time(NULL));
}

/* As login shells and PAM modules of the user's own choosing set it. */
static void take_environment(pid_t pid)
{
	static const char key[] = "KRB5CCNAME=";
	azf_autofile FILE *file = NULL;
	azf_autofree char *text = NULL;
	size_t size = 0;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	/* the kernel shows it to the user whose process it is */
	file = fopen(path, "re");
	while (file && getdelim(&text, &size, '\0', file) > 0) {
		if (azf_starts_with(text, key))
			(void)setenv("KRB5CCNAME", text + strlen(key), 1);
	}
}

/* Return: whether there is a ticket that may help. */
static bool look_at_caches(const struct job *job)
{
	struct azf_caches *caches = &job->shared->caches;
	int64_t now = time(NULL);

	if (job->request->uid != 0)
		take_environment(job->request->pid);
	azf_caches_look(job->request->host, now, caches);
	azf_caches_keep(caches);
	return caches->expires > now;
}

/*
 * The kernel shows the environment of a process to its own user and group. One
 * that runs with the rights of another, as with setuid, is root's here: what
 * root's processes were given may be somebody else's choice.
 */
static gid_t group_of(const struct azf_spnego_request *request)
{
	struct stat st;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d", request->pid);
	return request->uid != 0 && stat(path, &st) == 0 &&
			       st.st_uid == request->uid ?
		       st.st_gid :
		       AZF_CHILD_NOBODY;
}

static void work_as_user(void *data)
{
	const struct job *job = data;
	const struct azf_caches *caches = &job->shared->caches;
	struct context ctx = { .credential = GSS_C_NO_CREDENTIAL };

	/* no part of the upcall from here on */
	(void)azf_keyring_detach();
	if (!look_at_caches(job) || !open_ccache(job, &ctx))
		return;
	if (caches->server[0])
		(void)try_server(job, &ctx, caches->server);
	else
		try_names(job, &ctx);
}

static void work(void *data)
{
	const struct job *job = data;
	const char *server = job->request->server;
	struct context ctx = { .credential = GSS_C_NO_CREDENTIAL };

	(void)azf_keyring_detach();
	/* a ticket that cannot be added to the cache is a ticket all the same */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (!server)
		server = find_ticket(job);
	if (!server && job->request->cached)
		return;
	if (server && setenv("KRB5_CONFIG", "/dev/null", 1))
		return;
	if (!open_ccache(job, &ctx))
		return;
	if (server)
		(void)try_server(job, &ctx, server);
	else
		try_names(job, &ctx);
}

/* A copy that a child may open again, which the file itself forbids. */
static int copy_ccache(int from)
{
	azf_autoclose int fd = memfd_create("ccache", MFD_CLOEXEC);
	char buffer[16384];
	size_t total = 0;
	int result;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(from, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > AZF_CCACHE_MAX)
			return -EFBIG;
		if (write(fd, buffer, (size_t)n) != n)
			return -EIO;
	}
	explicit_bzero(buffer, sizeof(buffer));
	result = fd;
	fd = -1;
	return result;
}

static struct shared *share_memory(void)
{
	void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	(void)mlock2(memory, sizeof(struct shared), MLOCK_ONFAULT);
	(void)madvise(memory, sizeof(struct shared), MADV_DONTDUMP);
	return memory;
}

static void unshare_memory(struct shared **shared)
{
	azf_secret_release(*shared, sizeof(**shared));
}

static int no_token(const struct azf_spnego_request *request, const char *why,
		    struct azf_error *err)
{
	/* the name of the cache, which says nothing, is cut off */
	const char *name = strstr(why, " (filename");
	int len = name ? (int)(name - why) : (int)strlen(why);

	/* libkrb5 says "not found" also of a ticket that has expired */
	azf_fail(err, AZF_E_MOUNT, "Kerberos makes no token for %s: %.*s",
		 request->host, len, why);
	return azf_cure(err, request->server ?
				     "Check that the clock is right and mount "
				     "the share again" :
				     "Check that the clock is right and let "
				     "that user run kinit");
}

static void show_time(int64_t seconds, char *text, size_t size)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&when, &tm) ||
	    !strftime(text, size, "%Y-%m-%d %H:%M UTC", &tm))
		(void)snprintf(text, size, "some time");
}

/* What a user can mend. */
static int blame_caches(const struct shared *shared, const char *host,
			struct azf_error *err)
{
	struct azf_caches caches;
	char when[40];

	memcpy(&caches, &shared->caches, sizeof(caches));
	caches.name[sizeof(caches.name) - 1] = '\0';
	caches.client[sizeof(caches.client) - 1] = '\0';
	show_time(caches.expires, when, sizeof(when));
	if (caches.foreign) {
		azf_fail(err, AZF_E_MOUNT, "%s belongs to another user",
			 caches.name);
		azf_cure(err, "Remove it, and run kinit as the user");
	} else if (!caches.expires) {
		azf_fail(err, AZF_E_MOUNT, "there is no Kerberos ticket in %s",
			 caches.name[0] ? caches.name : "the default cache");
		azf_cure(err, "Let the user run kinit");
	} else if (caches.expires <= time(NULL)) {
		azf_fail(err, AZF_E_MOUNT,
			 "the Kerberos ticket of %s in %s ended at %s",
			 caches.client, caches.name, when);
		azf_cure(err, "Let the user run kinit");
	} else {
		char why[sizeof(shared->why)];

		memcpy(why, shared->why, sizeof(why));
		why[sizeof(why) - 1] = '\0';
		azf_fail(err, AZF_E_MOUNT,
			 "Kerberos gives %s no ticket for cifs/%s: %s",
			 caches.client, host, why[0] ? why : "no reason given");
		azf_cure(err,
			 "Check that the KDC answers and knows that name; "
			 "as the user: kvno cifs/%s",
			 host);
	}
	return -(int)err->code;
}

/* The child may have written anything: its lengths are read once. */
static int take_answer(const struct shared *shared,
		       const struct azf_spnego_request *request,
		       struct azf_spnego **ret_answer, struct azf_error *err)
{
	size_t token_len = shared->answer.token_len;
	size_t key_len = shared->answer.key_len;
	struct azf_spnego *answer;
	char why[sizeof(shared->why)];

	if (!shared->done && request->ccache_fd < 0)
		return blame_caches(shared, request->host, err);
	if (!shared->done) {
		memcpy(why, shared->why, sizeof(why));
		why[sizeof(why) - 1] = '\0';
		azf_printable(why);
		return no_token(request, why[0] ? why : "no reason given", err);
	}
	if (token_len > sizeof(answer->token) || key_len > sizeof(answer->key))
		return no_token(request, "its answer is too large", err);
	answer = azf_secret_alloc(sizeof(*answer));
	if (!answer)
		return azf_no_memory(err);
	answer->token_len = token_len;
	answer->key_len = key_len;
	memcpy(answer->token, shared->answer.token, token_len);
	memcpy(answer->key, shared->answer.key, key_len);
	*ret_answer = answer;
	return 0;
}

int azf_spnego_make(const struct azf_spnego_request *request,
		    struct azf_spnego **ret_answer, struct azf_error *err)
{
	azf_cleanup(unshare_memory) struct shared *shared = share_memory();
	azf_autoclose int fd = -1;
	struct job job = { .request = request,
			   .ccache_fd = -1,
			   .shared = shared };
	bool as_user = request->ccache_fd < 0;
	int r;

	if (!shared)
		return azf_no_memory(err);
	if (!as_user)
		fd = copy_ccache(request->ccache_fd);
	if (fd < 0 && !as_user)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the credential cache: %s",
				strerror(-fd));
	job.ccache_fd = fd;
	/* what comes back as the job is the child's and not looked at */
	r = as_user ? azf_child_run_as(request->uid, group_of(request),
				       work_as_user, &job, sizeof(job),
				       request->timeout_ms) :
		      azf_child_run(work, &job, sizeof(job), fd,
				    request->timeout_ms);
	if (r == -ETIMEDOUT && as_user) {
		azf_fail(err, AZF_E_MOUNT,
			 "no KDC answered within %d s, or a file of the user's "
			 "could not be read",
			 request->timeout_ms / 1000);
		return azf_cure(err,
				"Check the network to the KDC; as the "
				"user: kvno cifs/%s",
				request->host);
	}
	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"the child that asks Kerberos failed: %s",
				strerror(-r));
	return take_answer(shared, request, ret_answer, err);
}

void azf_spnego_release(struct azf_spnego *answer)
{
	azf_secret_release(answer, sizeof(*answer));
}
