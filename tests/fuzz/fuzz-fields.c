// SPDX-License-Identifier: MIT
/* fuzz-fields.c - KEY=VALUE lines, read, written, and read again. */
#include "fields.h"
#include "fuzz.h"
#include "wipe.h"

static void must_be_same(const struct azf_fields *a, const struct azf_fields *b)
{
	must(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		must(azf_streq(a->list[i].key, b->list[i].key));
		must(azf_streq(a->list[i].value, b->list[i].value));
	}
}

/* What was read can be set, and found. */
static void check(const struct azf_fields *fields)
{
	azf_autofields struct azf_fields copy = { .count = 0 };

	must(fields->count <= AZF_FIELDS_MAX);
	for (size_t i = 0; i < fields->count; i++) {
		const struct azf_field *field = &fields->list[i];
		uint64_t number;

		must(strlen(field->value) <= AZF_FIELD_VALUE_MAX);
		fuzz_remark(NULL, AZF_DEBUG, field->value);
		must(azf_fields_get(fields, field->key) == field->value);
		if (azf_fields_number(fields, field->key, &number))
			must(number <= INT64_MAX);
		must(azf_fields_set(&copy, field->key, field->value) == 0);
	}
	must_be_same(fields, &copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autofields struct azf_fields again = { .count = 0 };
	azf_autowipe char *text = NULL;
	unsigned int line = 0;
	size_t len;
	int r = azf_fields_parse((const char *)bytes, size, &fields, &line);

	must(!r == !line);
	/* also what was read before a bad line */
	check(&fields);
	text = azf_fields_format(&fields, &len);
	must(text && strlen(text) == len);
	must(r || len <= size + 1);
	must(azf_fields_parse(text, len, &again, NULL) == 0);
	must_be_same(&fields, &again);
	return 0;
}
