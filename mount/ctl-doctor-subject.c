// SPDX-License-Identifier: MIT
/* ctl-doctor-subject.c - the shares that "doctor" looks at. */
#include "azf-private.h"
#include "ctl-doctor.h"
#include "ctl-persist.h"
#include "identity.h"
#include "line.h"
#include "mounted.h"
#include "parallel.h"
#include "plan.h"
#include "state.h"
#include "table.h"
#include "wipe.h"

#include <errno.h>

#define LINKS_MS 2000

static void free_subject(struct doctor_subject *subject)
{
	free(subject->source);
	free(subject->target);
	free(subject->words);
	free(subject->options);
	azf_options_free(subject->parsed);
	azf_source_free(&subject->where);
	free(subject->canonical);
	azf_fields_free(&subject->identity);
	free(subject->tag);
	*subject = (struct doctor_subject){ 0 };
}

void doctor_subjects_free(struct doctor_subjects *subjects)
{
	for (size_t i = 0; i < subjects->count; i++)
		free_subject(&subjects->list[i]);
	free(subjects->list);
	*subjects = (struct doctor_subjects){ 0 };
}

bool doctor_has_word(const struct doctor_subject *subject, const char *word)
{
	size_t len = strlen(word);
	const char *p = subject->words;

	while (p && *p) {
		if (strncmp(p, word, len) == 0 && strchr(",=", p[len]))
			return true;
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	return false;
}

/* ---- one subject ---- */

/* A new one at the end of the list; NULL if out of memory. */
static struct doctor_subject *grow(struct doctor_subjects *subjects)
{
	struct doctor_subject *list = reallocarray(
		subjects->list, subjects->count + 1, sizeof(*list));

	if (!list)
		return NULL;
	subjects->list = list;
	list += subjects->count++;
	*list = (struct doctor_subject){ .machine = &subjects->machine };
	return list;
}

static void no_remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

/* Which identity, and whether something contradicts it. No key is read. */
static int plan_identity(struct doctor_subject *subject, const char *source)
{
	static const struct azf_log silent = { no_remark, NULL };
	const struct azf_request request = {
		.source = source,
		.target = subject->target ? subject->target : "/",
		.options = subject->parsed,
		.log = &silent,
	};
	azf_cleanup(azf_plan_free) struct azf_plan plan = { 0 };
	const char *identity = azf_options_value(subject->parsed, "identity");
	int r;

	if (!identity || azf_streq(identity, "key"))
		return azf_identity_absent(subject->parsed,
					   &subject->bad_options);
	/* for checks that have no use for contradictions it is still one */
	subject->tag = strdup("");
	if (!subject->tag)
		return azf_no_memory(&subject->bad_options);
	r = azf_plan_make(&request, &plan, &subject->bad_options);
	if (r)
		return r;
	free(subject->tag);
	subject->tag = azf_take(plan.tag);
	subject->identity = plan.identity;
	plan.identity = (struct azf_fields){ 0 };
	return 0;
}

/* In memory that the children of checks see, too. */
static int keep_options(struct doctor_subject *subject)
{
	subject->options = malloc(sizeof(*subject->options));
	if (!subject->options)
		return -ENOMEM;
	*subject->options = *subject->parsed;
	return 0;
}

static int take_options(struct doctor_subject *subject, const char *source,
			char *text)
{
	struct azf_error *bad = &subject->bad_options;
	struct azf_options *parsed = azf_options_new(false);
	int r;

	subject->parsed = parsed;
	if (!parsed)
		return -ENOMEM;
	r = azf_options_parse(parsed, text, bad);
	subject->key_on_line = parsed->password.len || parsed->password2.len;
	if (r == 0 && !subject->bad_source.code)
		r = plan_identity(subject, source);
	azf_secret_wipe(&parsed->password);
	azf_secret_wipe(&parsed->password2);
	/* what was blotted out stays so */
	subject->words = strdup(text);
	if (!subject->words || r == -AZF_E_SYSTEM)
		return -ENOMEM;
	return r ? 0 : keep_options(subject);
}

/*
 * @options is overwritten; NULL for a mount that is in no fstab. What is wrong
 * with a subject is a finding, and no error.
 */
static int add_subject(struct doctor_subjects *subjects, const char *source,
		       const char *target, char *options, struct azf_error *err)
{
	struct doctor_subject *subject = grow(subjects);
	int r = 0;

	if (!subject)
		return azf_no_memory(err);
	subject->source = azf_source_display(source);
	subject->target = target ? strdup(target) : NULL;
	if (!subject->source || (target && !subject->target))
		return azf_no_memory(err);
	if (azf_source_parse(source, &subject->where, &subject->bad_source) ==
	    0) {
		subject->canonical =
			azf_source_canonical_host(subject->where.host);
		if (!subject->canonical)
			return azf_no_memory(err);
	}
	if (options)
		r = take_options(subject, source, options);
	return r ? azf_no_memory(err) : 0;
}

/* ---- fstab ---- */

struct search {
	struct doctor_subjects *subjects;
	const char *source;
	const char *target;
	struct azf_error *err;
};

struct path {
	char text[AZF_PARALLEL_MAX];
};

static void follow_links(void *item)
{
	struct path *path = item;
	azf_autofree char *target = NULL;

	if (line_target(path->text, &target) == 0)
		(void)snprintf(path->text, sizeof(path->text), "%s", target);
}

/*
 * Where a mount point of fstab is in the kernel's table, and in the name of its
 * unit; as it is typed, if the way there hangs in a share. NULL: out of memory.
 */
static char *real_target(const char *typed)
{
	struct path path;

	if (strlen(typed) < sizeof(path.text)) {
		(void)snprintf(path.text, sizeof(path.text), "%s", typed);
		if (azf_parallel_run(follow_links, &path, sizeof(path), 1,
				     LINKS_MS) == 0)
			typed = path.text;
	}
	return strdup(typed);
}

/* Slashes at the end make no difference to mount(8). */
static bool same_path(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	while (a_len > 1 && a[a_len - 1] == '/')
		a_len--;
	while (b_len > 1 && b[b_len - 1] == '/')
		b_len--;
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static struct doctor_subject *find_target(struct doctor_subjects *subjects,
					  const char *target)
{
	for (size_t i = 0; i < subjects->count; i++) {
		struct doctor_subject *subject = &subjects->list[i];

		if (subject->target && same_path(subject->target, target))
			return subject;
	}
	return NULL;
}

static bool wanted(const struct search *search, const char *source,
		   const char *target)
{
	return (!search->source || same_path(search->source, source)) &&
	       (!search->target || same_path(search->target, target));
}

static int look_at_line(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;
	struct doctor_subjects *subjects = search->subjects;
	struct doctor_subject *earlier;
	azf_autofree char *target = NULL;
	azf_autowipe char *options = NULL;

	if (!azf_streq(line->type, "azfiles"))
		return 0;
	subjects->machine.lines++;
	target = real_target(line->target);
	if (!target)
		return azf_no_memory(search->err);
	if (!wanted(search, line->source, target))
		return 0;
	options = azf_wipe_strdup(line->options ? line->options : "");
	if (!options)
		return azf_no_memory(search->err);
	earlier = find_target(subjects, target);
	if (earlier)
		earlier->twice = true;
	if (add_subject(subjects, line->source, target, options, search->err))
		return -(int)search->err->code;
	subjects->list[subjects->count - 1].in_fstab = true;
	return 0;
}

static void look_at_broken(void *arg, unsigned int number)
{
	struct doctor_machine *machine =
		&((struct search *)arg)->subjects->machine;

	if (!machine->broken)
		machine->broken = number;
}

static int read_fstab(struct search *search)
{
	const struct azf_table_visitor visitor = { look_at_line, look_at_broken,
						   search };
	int r = azf_table_visit(AZF_FSTAB, &visitor);

	if (r == 0 || r == -ENOENT || search->err->code)
		return r == -ENOENT ? 0 : r;
	return azf_fail(search->err, AZF_E_SYSTEM, "cannot read %s: %s",
			AZF_FSTAB, strerror(-r));
}

/* ---- mounts ---- */

/* What its state directory says; nothing for those who may not look. */
static int take_state(struct doctor_subject *subject, const char *tag,
		      struct azf_error *err)
{
	azf_autostate struct azf_state state = { .fd = -1 };

	subject->tag = strdup(tag);
	if (!subject->tag)
		return azf_no_memory(err);
	if (azf_state_open(subject->canonical, tag, false, &state) == 0)
		(void)!azf_state_read(&state, "credential", &subject->identity);
	return 0;
}

static int look_at_mount(struct search *search, const struct azf_mounted *mount)
{
	struct doctor_subject *subject = find_target(search->subjects,
						     mount->target);
	int r = 0;

	if (!subject && !wanted(search, mount->source, mount->target))
		return 0;
	if (!subject) {
		r = add_subject(search->subjects, mount->source, mount->target,
				NULL, search->err);
		if (r)
			return r;
		subject = &search->subjects->list[search->subjects->count - 1];
		if (mount->kerberos && mount->user[0])
			r = take_state(subject, mount->user, search->err);
	}
	subject->mounted = true;
	subject->multiuser = mount->multiuser && mount->kerberos;
	(void)snprintf(subject->address, sizeof(subject->address), "%s",
		       mount->address);
	return r;
}

static int read_mounts(struct search *search)
{
	azf_automounted struct azf_mounted_list list = { 0 };
	int r = azf_mounted_find(NULL, &list);

	if (r)
		return azf_fail(search->err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	for (size_t i = 0; i < list.count && r == 0; i++)
		r = look_at_mount(search, &list.mounts[i]);
	return r;
}

/* ---- all ---- */

static int missing(const char *target, struct azf_error *err)
{
	azf_fail(err, AZF_E_USAGE,
		 "%s is neither mounted nor an azfiles line of %s", target,
		 AZF_FSTAB);
	return azf_cure(err, "Name the share, as in 'azfilesctl doctor "
			     "//HOST/SHARE'");
}

static int find(const char *name, char *options, struct search *search)
{
	static char none[] = "";
	bool target = name && name[0] == '/' && name[1] != '/';
	azf_autofree char *path = target ? real_target(name) : NULL;
	int r;

	if (target && !path)
		return azf_no_memory(search->err);
	search->source = target ? NULL : name;
	search->target = path;
	if (target && options)
		return azf_fail(search->err, AZF_E_USAGE,
				"-o is for a share, and %s is a mount point",
				name);
	if (options)
		return add_subject(search->subjects, name, NULL, options,
				   search->err);
	r = read_fstab(search);
	if (r == 0)
		r = read_mounts(search);
	if (r || !name || search->subjects->count)
		return r;
	if (target)
		return missing(name, search->err);
	return add_subject(search->subjects, name, NULL, none, search->err);
}

int doctor_subjects_find(const char *name, char *options,
			 struct doctor_subjects *subjects,
			 struct azf_error *err)
{
	struct doctor_machine *machine = &subjects->machine;
	struct search search = { .subjects = subjects, .err = err };
	int r;

	machine->root = geteuid() == 0;
	machine->systemd = ctl_system_has_systemd();
	machine->whole = !name;
	r = find(name, options, &search);
	for (size_t i = 0; i < subjects->count && r == 0; i++) {
		const struct doctor_subject *subject = &subjects->list[i];

		machine->identities |= subject->tag != NULL;
		machine->keys |= subject->tag == NULL;
	}
	return r;
}
