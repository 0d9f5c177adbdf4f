// SPDX-License-Identifier: MIT
/* ctl-status-export.c - status for programs: JSON, and metrics. */
#include "ctl-status.h"

#include "json.h"

/* ---- JSON ---- */

/* What is not known is null; a NULL for the object is out of memory. */
static bool add_known(struct azf_json *object, const char *key, int64_t value)
{
	return value ? azf_json_add_number(object, key, value) :
		       azf_json_add_string(object, key, NULL);
}

static struct azf_json *make_failure(const struct azf_ticket_past *past)
{
	struct azf_json *object = azf_json_new();

	if (azf_json_add_number(object, "time", (int64_t)past->failed) &&
	    azf_json_add_string(object, "cause", past->err.cause) &&
	    azf_json_add_string(object, "cure", past->err.cure))
		return object;
	azf_json_free(object);
	return NULL;
}

static struct azf_json *make_ticket(const struct azf_status *status)
{
	struct azf_json *object = azf_json_new();
	const struct azf_ticket_past *past = &status->past;

	if (azf_json_add_string(object, "state", ctl_status_sign_in(status)) &&
	    add_known(object, "renewed", (int64_t)past->renewed) &&
	    add_known(object, "due", (int64_t)status->times.early) &&
	    add_known(object, "expires", (int64_t)status->times.expires) &&
	    (past->failed ? azf_json_add(object, "failed", make_failure(past)) :
			    azf_json_add_string(object, "failed", NULL)))
		return object;
	azf_json_free(object);
	return NULL;
}

static struct azf_json *make_key(const struct azf_status *status)
{
	struct azf_json *object = azf_json_new();

	if (azf_json_add_string(object, "state", ctl_status_sign_in(status)) &&
	    add_known(object, "stored", status->stored))
		return object;
	azf_json_free(object);
	return NULL;
}

static bool add_connection(struct azf_json *object,
			   const struct azf_status *status)
{
	const struct azf_mounted *mount = status->mount;

	return azf_json_add_string(object, "address",
				   mount->address[0] ? mount->address : NULL) &&
	       azf_json_add_string(object, "dialect",
				   mount->dialect[0] ? mount->dialect : NULL) &&
	       (status->encryption == AZF_ENCRYPTION_UNKNOWN ?
			azf_json_add_string(object, "encrypted", NULL) :
			azf_json_add_bool(object, "encrypted",
					  status->encryption ==
						  AZF_ENCRYPTION_ON)) &&
	       add_known(object, "channels", status->channels);
}

static bool add_sign_in(struct azf_json *object,
			const struct azf_status *status)
{
	const struct azf_mounted *mount = status->mount;
	bool kerberos = mount->kerberos;

	return azf_json_add_string(object, "identity",
				   kerberos && status->identity[0] ?
					   status->identity :
					   NULL) &&
	       azf_json_add_string(object, "user",
				   mount->user[0] ? mount->user : NULL) &&
	       azf_json_add(object, kerberos ? "ticket" : "key",
			    kerberos ? make_ticket(status) :
				       make_key(status)) &&
	       azf_json_add_string(object, kerberos ? "key" : "ticket", NULL);
}

static bool add_answer(struct azf_json *object, const struct azf_status *status)
{
	if (status->error == ENODEV || status->error == EACCES)
		return azf_json_add_string(object, "answers", NULL) &&
		       azf_json_add_string(object, "error",
					   status->error == ENODEV ?
						   "covered by another mount" :
						   strerror(EACCES)) &&
		       azf_json_add_string(object, "milliseconds", NULL);
	return azf_json_add_bool(object, "answers", status->error == 0) &&
	       azf_json_add_string(object, "error",
				   status->error ? strerror(status->error) :
						   NULL) &&
	       azf_json_add_number(object, "milliseconds", status->took_ms);
}

static struct azf_json *make_mount(const struct azf_status *status)
{
	struct azf_json *object = azf_json_new();
	const struct azf_mounted *mount = status->mount;

	if (azf_json_add_string(object, "target", mount->target) &&
	    azf_json_add_string(object, "source", mount->source) &&
	    azf_json_add_string(object, "host", mount->host) &&
	    add_connection(object, status) && add_sign_in(object, status) &&
	    add_answer(object, status))
		return object;
	azf_json_free(object);
	return NULL;
}

static struct azf_json *make_status(const struct azf_status_list *status)
{
	struct azf_json *object = azf_json_new();
	struct azf_json *mounts = azf_json_new_array();
	bool good = true;

	for (size_t i = 0; i < status->count; i++)
		good &= azf_json_append(mounts, make_mount(&status->list[i]));
	good &= azf_json_add(object, "mounts", mounts);
	if (good && azf_json_add_bool(object, "complete", !status->hidden))
		return object;
	azf_json_free(object);
	return NULL;
}

int ctl_status_json(const struct azf_status_list *status)
{
	azf_autojson struct azf_json *json = make_status(status);
	azf_autofree char *text = azf_json_print(json);

	if (!text)
		return -ENOMEM;
	(void)puts(text);
	return 0;
}

/* ---- metrics ---- */

/* Each gives whether the mount has this metric, and its value. */

static bool get_up(const struct azf_status *status, double *ret_value)
{
	*ret_value = status->error == 0;
	return status->error == 0 || azf_status_is_ill(status);
}

static bool get_seconds(const struct azf_status *status, double *ret_value)
{
	*ret_value = status->took_ms / 1000.0;
	return status->error == 0 || azf_status_is_ill(status);
}

static bool get_encrypted(const struct azf_status *status, double *ret_value)
{
	*ret_value = status->encryption == AZF_ENCRYPTION_ON;
	return status->encryption != AZF_ENCRYPTION_UNKNOWN;
}

static bool get_channels(const struct azf_status *status, double *ret_value)
{
	*ret_value = status->channels;
	return status->channels != 0;
}

static bool get_expires(const struct azf_status *status, double *ret_value)
{
	*ret_value = (double)status->times.expires;
	return status->sign_in == AZF_SIGN_IN_TICKET;
}

static bool get_renewed(const struct azf_status *status, double *ret_value)
{
	*ret_value = (double)status->past.renewed;
	return status->past.renewed != 0;
}

static bool get_failed(const struct azf_status *status, double *ret_value)
{
	*ret_value = status->past.failed != 0;
	return status->mount->kerberos &&
	       status->sign_in != AZF_SIGN_IN_UNKNOWN;
}

static bool get_stored(const struct azf_status *status, double *ret_value)
{
	*ret_value = (double)status->stored;
	return status->stored != 0;
}

/* clang-format off */
static const struct metric {
	const char *name;
	const char *help;
	bool (*get)(const struct azf_status *status, double *ret_value);
} metrics[] = {
	{ "azfiles_mount_up", "Whether the mount answers.", get_up },
	{ "azfiles_probe_seconds", "How long the mount took to answer.",
	  get_seconds },
	{ "azfiles_mount_encrypted", "Whether all traffic is encrypted.",
	  get_encrypted },
	{ "azfiles_mount_channels", "Connections to the server.", get_channels },
	{ "azfiles_ticket_expires_seconds",
	  "When the Kerberos ticket ends, in seconds since 1970.", get_expires },
	{ "azfiles_ticket_renewed_seconds",
	  "When the Kerberos ticket was got, in seconds since 1970.",
	  get_renewed },
	{ "azfiles_ticket_renewal_failed",
	  "Whether the last attempt to renew the ticket failed.", get_failed },
	{ "azfiles_key_stored_seconds",
	  "When the storage account key was stored, in seconds since 1970.",
	  get_stored },
};
/* clang-format on */

/* What is not plain ASCII is written as in the kernel's table of mounts. */
static void print_label(const char *name, const char *value)
{
	(void)printf("%s=\"", name);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			(void)printf("\\%c", c);
		else if (c < ' ' || c > '~')
			(void)printf("\\\\%03o", c);
		else
			(void)putchar(c);
	}
	(void)putchar('"');
}

static void print_labels(const struct azf_status *status)
{
	print_label("target", status->mount->target);
	(void)putchar(',');
	print_label("source", status->mount->source);
}

static void print_head(const char *name, const char *help)
{
	(void)printf("# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void print_metric(const struct metric *metric,
			 const struct azf_status_list *status)
{
	double value;

	print_head(metric->name, metric->help);
	for (size_t i = 0; i < status->count; i++) {
		if (!metric->get(&status->list[i], &value))
			continue;
		(void)printf("%s{", metric->name);
		print_labels(&status->list[i]);
		(void)printf("} %.15g\n", value);
	}
}

static void print_info(const struct azf_status_list *status)
{
	static const char name[] = "azfiles_mount_info";

	print_head(name, "What is known of the mount, in labels; always 1.");
	for (size_t i = 0; i < status->count; i++) {
		const struct azf_status *one = &status->list[i];

		(void)printf("%s{", name);
		print_labels(one);
		(void)putchar(',');
		print_label("address", one->mount->address);
		(void)putchar(',');
		print_label("dialect", one->mount->dialect);
		(void)putchar(',');
		print_label("identity", one->identity);
		(void)putchar(',');
		print_label(one->mount->kerberos ? "ticket" : "key",
			    ctl_status_sign_in(one));
		(void)printf("} 1\n");
	}
}

void ctl_status_prometheus(const struct azf_status_list *status)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(metrics); i++)
		print_metric(&metrics[i], status);
	print_info(status);
}
