// SPDX-License-Identifier: MIT
/* fuzz-fstab.c - a line put into any text, and taken out again. */
#include "fstab-edit.h"
#include "fuzz.h"

static const struct azf_fstab_line line = { "//h/a b", "/srv/share",
					    "_netdev,nofail" };

static void free_edit(struct azf_fstab_edit *edit)
{
	azf_edit_free(&edit->edit);
}
#define autoedit azf_cleanup(free_edit)

/* Whole lines of the text, and a hunk can be made of it. */
static char *apply(const char *text, const struct azf_fstab_edit *edit)
{
	const struct azf_edit *e = &edit->edit;
	azf_autostr struct azf_str diff = { 0 };
	size_t size = strlen(text);
	char *result;
	size_t len;

	must(e->begin <= e->end && e->end <= size);
	must(e->begin == 0 || text[e->begin - 1] == '\n');
	must(e->end == 0 || e->end == size || text[e->end - 1] == '\n');
	azf_edit_diff(text, e, &diff);
	must(!diff.failed);
	result = azf_edit_apply(text, size, e, &len);
	must(result && strlen(result) == len);
	return result;
}

static void must_be_there(const char *text, size_t number)
{
	autoedit struct azf_fstab_edit edit = { 0 };
	struct azf_error err;

	must(azf_fstab_put(text, "f", &line, &edit, &err) == 0);
	must(edit.change == AZF_FSTAB_NOTHING && edit.number == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autofree char *text = fuzz_text(bytes, size);
	azf_autofree char *with = NULL;
	azf_autofree char *without = NULL;
	autoedit struct azf_fstab_edit put = { 0 };
	autoedit struct azf_fstab_edit drop = { 0 };
	struct azf_error err = { 0 };

	if (azf_fstab_put(text, "f", &line, &put, &err)) {
		must(err.code == AZF_E_MOUNT && err.cause[0]);
		return 0;
	}
	must(put.number);
	if (put.change == AZF_FSTAB_NOTHING)
		return 0;
	with = apply(text, &put);
	must_be_there(with, put.number);
	must(azf_fstab_drop(with, "f", line.target, &drop, &err) == 0);
	must(drop.change == AZF_FSTAB_REMOVE && drop.number == put.number);
	without = apply(with, &drop);
	if (put.change == AZF_FSTAB_ADD)
		must(azf_streq(without, text));
	return 0;
}
