// SPDX-License-Identifier: MIT
/* plan.c - a request turned into what will be done. */
#include "plan.h"

#include "azf-private.h"
#include "identity.h"
#include "options.h"
#include "ticket.h"

#define SMB_PORT 445

void azf_plan_free(struct azf_plan *plan)
{
	azf_source_free(&plan->source);
	azf_credential_free(&plan->credential);
	azf_fields_free(&plan->identity);
	free(plan->tag);
	free(plan->flags);
	free(plan->kernel);
	plan->tag = plan->flags = plan->kernel = NULL;
}

static void add_word(struct azf_str *list, const char *no, const char *name,
		     const char *value)
{
	azf_str_add(list, "%s%s%s%s%s", list->len ? "," : "", no, name,
		    value ? "=" : "", value ? value : "");
}

/*
 * Defaults that suit Azure Files, each only where the line says nothing:
 * symbolic links, inode numbers that stay, attributes cached for half a minute,
 * a connection of its own, since the kernel otherwise lets mounts share the
 * session of whoever came first, and a server that is given up after three
 * times 10 seconds of silence: with the kernel's 60, whatever waits for it,
 * a shutdown too, does so for three minutes.
 */
static void add_defaults(struct azf_str *kernel,
			 const struct azf_options *options)
{
	const struct azf_setting *mfsymlinks = azf_options_get(options,
							       "mfsymlinks");
	const struct azf_setting *sharesock = azf_options_get(options,
							      "sharesock");

	if (!mfsymlinks || !mfsymlinks->off)
		add_word(kernel, "", "mfsymlinks", NULL);
	if (!sharesock || sharesock->off)
		add_word(kernel, "no", "sharesock", NULL);
	if (!azf_options_get(options, "serverino"))
		add_word(kernel, "", "serverino", NULL);
	if (!azf_options_get(options, "echo_interval"))
		add_word(kernel, "", "echo_interval", "10");
	if (!azf_options_get(options, "actimeo") &&
	    !azf_options_get(options, "acregmax") &&
	    !azf_options_get(options, "acdirmax") &&
	    !azf_options_get(options, "noac"))
		add_word(kernel, "", "actimeo", "30");
}

/* The kernel knows the word krb5p, and refuses it; this is what it means. */
static bool is_sealed_kerberos(const struct azf_setting *setting)
{
	return azf_streq(setting->option->name, "sec") &&
	       azf_streq(setting->value, "krb5p");
}

/* Sort the options by who acts on them. */
static int sort_options(struct azf_plan *plan, struct azf_error *err)
{
	const struct azf_options *options = plan->request->options;
	azf_autostr struct azf_str kernel = { 0 };
	azf_autostr struct azf_str flags = { 0 };

	add_defaults(&kernel, options);
	azf_for_each_setting(setting, options) {
		const char *no = setting->off ? "no" : "";

		if (is_sealed_kerberos(setting)) {
			add_word(&kernel, "", "sec", "krb5");
			if (!azf_options_get(options, "seal"))
				add_word(&kernel, "", "seal", NULL);
		} else if (setting->option->owner == AZF_FOR_KERNEL)
			add_word(&kernel, no, setting->option->name,
				 setting->value);
		else if (setting->option->owner == AZF_FOR_MOUNT)
			add_word(&flags, no, setting->option->name,
				 setting->value);
	}
	/* also on a remount: the kernel wants to be told again */
	if (plan->tag && !azf_options_get(options, "sec"))
		add_word(&kernel, "", "sec", "krb5");
	if (azf_ticket_is_users(&plan->identity) &&
	    !azf_options_get(options, "cruid"))
		add_word(&kernel, "", "cruid", "0");
	if (plan->request->access)
		add_word(&flags, "", plan->request->access, NULL);
	/* the string must exist even where there is nothing to say */
	azf_str_add(&flags, "%s", "");
	if (kernel.failed || flags.failed)
		return azf_no_memory(err);
	plan->kernel = azf_take(kernel.text);
	plan->flags = azf_take(flags.text);
	return 0;
}

static unsigned int number(const struct azf_options *options, const char *name,
			   unsigned int otherwise)
{
	const char *value = azf_options_value(options, name);

	/* checked and normalised when it was parsed */
	return value ? (unsigned int)strtoul(value, NULL, 10) : otherwise;
}

/* Options that an identity leaves no room for. */
static int check_conflicts(const struct azf_options *options,
			   struct azf_error *err)
{
	static const char *const others[] = { "credentials", "username",
					      "domain" };
	const char *identity = azf_options_value(options, "identity");
	const struct azf_setting *sharesock = azf_options_get(options,
							      "sharesock");
	const char *sec = azf_options_value(options, "sec");
	const char *other = NULL;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(others); i++) {
		if (azf_options_get(options, others[i]))
			other = others[i];
	}
	/* whose tickets they are is what that one says */
	if (!azf_streq(identity, "ccache") && azf_options_get(options, "cruid"))
		other = "cruid";
	if (options->password.len || options->password2.len)
		other = "password";
	if (sec && !azf_starts_with(sec, "krb5"))
		other = "sec";
	/* the kernel would let one identity work in the session of another */
	if (sharesock && !sharesock->off)
		other = "sharesock";
	if (!other)
		return 0;
	azf_fail(err, AZF_E_USAGE,
		 "the options identity= and %s contradict each other", other);
	return azf_cure(err, "Leave one of them out");
}

/* Fill @identity and @tag when the line asks for an identity. */
static int plan_identity(struct azf_plan *plan, struct azf_error *err)
{
	const struct azf_options *options = plan->request->options;
	const char *identity = azf_options_value(options, "identity");
	azf_autofree char *host = NULL;
	int r;

	if (!identity || azf_streq(identity, "key"))
		return azf_identity_absent(options, err);
	r = check_conflicts(options, err);
	if (r == 0)
		r = azf_identity_fields(options, &plan->identity, err);
	if (r)
		return r;
	if (!plan->source.cloud && azf_identity_is_entra(&plan->identity)) {
		azf_fail(err, AZF_E_USAGE,
			 "%s is not an Azure file endpoint, and identity=%s "
			 "is of use only there",
			 plan->source.host, identity);
		return azf_cure(err, "Use a name like "
				     "ACCOUNT.file.core.windows.net");
	}
	plan->tag = azf_identity_tag(&plan->identity);
	host = azf_source_canonical_host(plan->source.host);
	if (!plan->tag || !host ||
	    azf_fields_set(&plan->identity, "host", host))
		return azf_no_memory(err);
	return 0;
}

/* Who we are: an identity, whose ticket is got later, or a key. */
static int plan_credential(struct azf_plan *plan, struct azf_error *err)
{
	const struct azf_request *request = plan->request;

	if (request->keys)
		return azf_credential_given(request->options, &plan->source,
					    request->keys, &plan->credential,
					    err);
	if (plan->remount)
		return 0;
	if (!plan->tag)
		return azf_credential_find(plan->request->options,
					   &plan->source, plan->request->log,
					   &plan->credential, err);
	plan->credential.ticket = true;
	plan->credential.username = strdup(plan->tag);
	return plan->credential.username ? 0 : azf_no_memory(err);
}

int azf_plan_make(const struct azf_request *request, struct azf_plan *ret_plan,
		  struct azf_error *err)
{
	const struct azf_options *options = request->options;
	azf_cleanup(azf_plan_free) struct azf_plan plan = {
		.request = request,
		.address = azf_options_value(options, "ip"),
		.port = (in_port_t)number(options, "port", SMB_PORT),
		.retry = number(options, "retry", request->default_retry),
		.remount = azf_options_get(options, "remount") != NULL,
	};
	int r;

	r = azf_source_parse(request->source, &plan.source, err);
	if (r == 0)
		r = plan_identity(&plan, err);
	if (r == 0)
		r = sort_options(&plan, err);
	if (r == 0)
		r = plan_credential(&plan, err);
	if (r)
		return r;
	*ret_plan = plan;
	explicit_bzero(&plan, sizeof(plan)); /* handed on, nothing to free */
	return 0;
}

void azf_data_wipe(struct azf_data *data)
{
	explicit_bzero(data, sizeof(*data));
}

static void put(struct azf_data *data, char c)
{
	if (data->len == AZF_DATA_MAX) {
		data->overflow = true;
		return;
	}
	data->text[data->len++] = c;
	data->text[data->len] = '\0';
}

static void put_text(struct azf_data *data, const char *text)
{
	if (!text)
		return;
	/* a comma at the very start would make the kernel drop everything */
	if (data->len)
		put(data, ',');
	while (*text)
		put(data, *text++);
}

/* In a value the kernel reads two commas as one that belongs to it. */
static void put_pair(struct azf_data *data, const char *name, const char *value)
{
	/* the kernel refuses an empty domain=, which many files have */
	if (!value || !*value)
		return;
	put_text(data, name);
	put(data, '=');
	for (; *value; value++) {
		if (*value == ',')
			put(data, ',');
		put(data, *value);
	}
}

int azf_plan_data(const struct azf_plan *plan, const char *address,
		  enum azf_keys keys, struct azf_data *ret_data,
		  struct azf_error *err)
{
	const struct azf_credential *credential = &plan->credential;
	const struct azf_secret *first = &credential->password;
	const struct azf_secret *second = &credential->password2;
	char port[sizeof("65535")];

	azf_data_wipe(ret_data);
	if (!plan->remount) {
		(void)snprintf(port, sizeof(port), "%u", plan->port);
		put_pair(ret_data, "ip", address);
		/* without it the kernel would go on to port 139 */
		put_pair(ret_data, "port", port);
		put_pair(ret_data, "username", credential->username);
		put_pair(ret_data, "domain", credential->domain);
	}
	put_text(ret_data, plan->kernel);
	if (keys == AZF_SECOND_KEY)
		first = second;
	if (first->len)
		put_pair(ret_data, "password", first->text);
	if (keys == AZF_BOTH_KEYS && second->len)
		put_pair(ret_data, "password2", second->text);
	if (!ret_data->overflow)
		return 0;
	azf_fail(err, AZF_E_USAGE,
		 "the options are longer than the %d bytes that the kernel "
		 "takes",
		 AZF_DATA_MAX);
	return azf_cure(err, "Leave some of them out");
}
