// SPDX-License-Identifier: MIT
/*
 * options.c - from the text behind -o to a set of accepted options.
 *
 * The text is read where it stands, in argv: secrets move into struct
 * azf_secret and are blotted out behind the reader, so that ps(1) loses sight
 * of them before anything else happens.
 */
#include "options.h"

#include "azf-private.h"

struct azf_options *azf_options_new(bool sloppy)
{
	struct azf_options *options = azf_secret_alloc(sizeof(*options));

	if (options)
		options->sloppy = sloppy;
	return options;
}

void azf_options_free(struct azf_options *options)
{
	if (!options)
		return;
	for (size_t i = 0; i < options->count; i++)
		free(options->settings[i].value);
	free(options->settings);
	azf_secret_release(options, sizeof(*options));
}

const struct azf_setting *azf_options_get(const struct azf_options *options,
					  const char *name)
{
	azf_for_each_setting(setting, options) {
		if (azf_streq(setting->option->name, name))
			return setting;
	}
	return NULL;
}

const char *azf_options_value(const struct azf_options *options,
			      const char *name)
{
	const struct azf_setting *setting = azf_options_get(options, name);

	return setting ? setting->value : NULL;
}

/*
 * One comma separated word of the text. @value is NULL without an equals sign;
 * neither is NUL terminated.
 */
struct token {
	char *name;
	size_t name_len;
	char *value;
	size_t value_len;
};

/* "user" and "user=NAME" are different options: a name may have two rows. */
static bool takes(const struct azf_option *option, bool has_value)
{
	return option->value == AZF_OPTIONAL ||
	       (option->value != AZF_NO_VALUE) == has_value;
}

static bool named(const struct azf_option *option, const char *name, size_t len)
{
	return strlen(option->name) == len &&
	       memcmp(option->name, name, len) == 0;
}

/*
 * The row that a name means; one that does not fit the value, if there is no
 * other, or NULL.
 */
static const struct azf_option *find(const char *name, size_t len,
				     bool has_value, bool *ret_off)
{
	const struct azf_option *misfit = NULL;
	bool no = len > 2 && name[0] == 'n' && name[1] == 'o';

	*ret_off = false;
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];
		bool off = no && option->negatable &&
			   named(option, name + 2, len - 2);

		if (!off && !named(option, name, len))
			continue;
		*ret_off = off;
		if (takes(option, has_value))
			return option;
		misfit = option;
	}
	return misfit;
}

static const struct azf_option *canonical(const struct azf_option *option)
{
	bool off;

	if (!option->canonical)
		return option;
	return find(option->canonical, strlen(option->canonical),
		    option->value != AZF_NO_VALUE, &off);
}

/* The known option that looks most like @name, or NULL if none does. */
static const char *nearest(const char *name, const char **ret_no)
{
	bool no = azf_starts_with(name, "no") && name[2];
	unsigned int best = strlen(name) < 4 ? 2 : 3;
	const char *found = NULL;

	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];
		unsigned int d = azf_distance(name, option->name);

		if (d < best) {
			best = d;
			found = option->name;
			*ret_no = "";
		}
		if (!no || !option->negatable)
			continue;
		d = azf_distance(name + 2, option->name);
		if (d < best) {
			best = d;
			found = option->name;
			*ret_no = "no";
		}
	}
	return found;
}

static int unknown(const struct token *token, bool after_secret,
		   struct azf_error *err)
{
	azf_autofree char *name = NULL;
	const char *like, *no = "";

	/* it may be the rest of a password that has a comma: do not show it */
	if (after_secret) {
		azf_fail(
			err, AZF_E_USAGE,
			"what follows the comma behind password= is no option");
		return azf_cure(err, "Put a password that contains a comma "
				     "into a file and name it with "
				     "credentials=FILE");
	}
	name = strndup(token->name, token->name_len);
	if (!name)
		return azf_no_memory(err);
	azf_fail(err, AZF_E_USAGE, "unknown option '%s'", name);
	like = nearest(name, &no);
	if (like)
		return azf_cure(err, "Did you mean '%s%s'?", no, like);
	return azf_cure(err, "'mount.azfiles -h' lists the known options");
}

static int take_secret(struct azf_secret *secret,
		       const struct azf_option *option,
		       const struct token *token, struct azf_error *err)
{
	char text[AZF_SECRET_MAX + 1] = "";
	size_t len = 0;
	bool fits = true;

	for (size_t i = 0; i < token->value_len && fits; i++) {
		if (token->value[i] == ',')
			i++; /* the first of a pair that means one comma */
		fits = len < AZF_SECRET_MAX;
		if (fits)
			text[len++] = token->value[i];
	}
	if (fits)
		fits = azf_secret_set(secret, text, len);
	explicit_bzero(text, sizeof(text));
	memset(token->value, '*', token->value_len);
	if (!fits)
		return azf_fail(err, AZF_E_USAGE,
				"the value of %s= is longer than %d characters",
				option->name, AZF_SECRET_MAX);
	if (len == 0)
		return azf_fail(err, AZF_E_USAGE, "the value of %s= is empty",
				option->name);
	return 0;
}

/* Add a setting; an earlier one of the same option no longer counts. */
static int add(struct azf_options *options, struct azf_setting setting,
	       struct azf_error *err)
{
	struct azf_setting *settings;
	size_t kept = 0;

	for (size_t i = 0; i < options->count; i++) {
		struct azf_setting *old = &options->settings[i];

		if (old->option == setting.option)
			free(old->value);
		else
			options->settings[kept++] = *old;
	}
	options->count = kept;
	settings = reallocarray(options->settings, kept + 1, sizeof(*settings));
	if (!settings) {
		free(setting.value);
		return azf_no_memory(err);
	}
	settings[kept] = setting;
	options->settings = settings;
	options->count = kept + 1;
	return 0;
}

static int accept(struct azf_options *options, const struct azf_option *option,
		  bool off, const struct token *token, struct azf_error *err)
{
	struct azf_setting setting = { .option = option, .off = off };
	azf_autofree char *text = NULL;
	int r;

	if (option->owner == AZF_FOR_SECRET)
		return take_secret(azf_streq(option->name, "password2") ?
					   &options->password2 :
					   &options->password,
				   option, token, err);
	if (option->owner == AZF_FOR_NOBODY)
		return 0;
	if (token->value && option->value != AZF_NO_VALUE) {
		text = strndup(token->value, token->value_len);
		if (!text)
			return azf_no_memory(err);
		r = azf_value_check(option, text, &setting.value, err);
		if (r)
			return r;
	}
	return add(options, setting, err);
}

static int parse_token(struct azf_options *options, const struct token *token,
		       bool after_secret, struct azf_error *err)
{
	bool has_value = token->value != NULL;
	const struct azf_option *option;
	bool off;

	/* mount(8) strips these; a call by hand may still bring them */
	if (token->name_len >= 2 && strchr("xX", token->name[0]) &&
	    token->name[1] == '-')
		return 0;
	option = find(token->name, token->name_len, has_value, &off);
	if (!option)
		return options->sloppy && !after_secret ?
			       0 :
			       unknown(token, after_secret, err);
	if (option->owner == AZF_FOR_REFUSAL) {
		azf_fail(err, AZF_E_USAGE, "the option '%s' is not used here",
			 option->name);
		return azf_cure(err, "%s", canonical(option)->help);
	}
	if (!takes(option, has_value) || (off && has_value))
		return azf_fail(err, AZF_E_USAGE, "the option '%s%s' %s",
				off ? "no" : "", option->name,
				has_value ? "takes no value" : "needs a value");
	return accept(options, canonical(option), off, token, err);
}

static bool is_secret(const struct token *token)
{
	bool off;
	const struct azf_option *option = find(token->name, token->name_len,
					       token->value != NULL, &off);

	return option && option->owner == AZF_FOR_SECRET;
}

/* context=, fscontext=, … */
static bool is_label(const struct token *token)
{
	static const char word[] = "context";
	size_t len = sizeof(word) - 1;

	return token->name_len >= len &&
	       memcmp(token->name + token->name_len - len, word, len) == 0;
}

/*
 * End of the token that begins at @p. In a secret a doubled comma stands for
 * one that is part of it, as in the kernel; an SELinux label in quotes may
 * contain commas.
 */
static char *token_end(char *p, struct token *ret_token)
{
	char *end;

	*ret_token = (struct token){ .name = p };
	end = p + strcspn(p, ",=");
	ret_token->name_len = (size_t)(end - p);
	if (*end != '=')
		return end;
	ret_token->value = ++end;
	if (is_secret(ret_token)) {
		while (*end && (*end != ',' || end[1] == ',')) {
			end += *end == ',' ? 2 : 1;
		}
	} else if (is_label(ret_token) && *end == '"' && strchr(end + 1, '"')) {
		end = strchr(end + 1, '"') + 1;
		end += strcspn(end, ",");
	} else {
		end += strcspn(end, ",");
	}
	ret_token->value_len = (size_t)(end - ret_token->value);
	return end;
}

/*
 * Whatever happens, no secret may be left to see. That includes the value of an
 * unknown option, which may be a misspelt password=.
 */
static void blot_out(char *text)
{
	for (char *p = text; *p;) {
		struct token token;
		bool off;

		p = token_end(p, &token);
		if (token.value &&
		    (is_secret(&token) ||
		     !find(token.name, token.name_len, true, &off)))
			memset(token.value, '*', token.value_len);
		p += *p == ',';
	}
}

int azf_options_parse(struct azf_options *options, char *text,
		      struct azf_error *err)
{
	bool after_secret = false;
	int r = 0;

	for (char *p = text; *p && r == 0;) {
		struct token token;

		p = token_end(p, &token);
		if (token.name_len || token.value)
			r = parse_token(options, &token, after_secret, err);
		/* nobody knows where a password with a comma ends */
		if (r && after_secret)
			memset(token.name, '*', strlen(token.name));
		after_secret = token.value && is_secret(&token);
		p += *p == ',';
	}
	blot_out(text);
	return r;
}

void azf_options_help(void (*print)(void *arg, const char *section,
				    const char *usage, const char *help),
		      void *arg)
{
	static const char *const sections[] = {
		[AZF_FOR_KERNEL] = "options of the kernel's cifs",
		[AZF_FOR_HELPER] = "options of azfiles",
		[AZF_FOR_SECRET] = "options of azfiles",
		[AZF_FOR_MOUNT] = "options of mount(8)",
		[AZF_FOR_NOBODY] = "options of mount(8)",
		[AZF_FOR_REFUSAL] = NULL,
	};

	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];
		char usage[64];

		if (!sections[option->owner])
			continue;
		(void)snprintf(usage, sizeof(usage), "%s%s%s%s",
			       option->negatable ? "[no]" : "", option->name,
			       option->arg ? "=" : "",
			       option->arg ? option->arg : "");
		if (option->canonical)
			print(arg, sections[option->owner], usage,
			      canonical(option)->name);
		else
			print(arg, sections[option->owner], usage,
			      option->help);
	}
}
