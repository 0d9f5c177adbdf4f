// SPDX-License-Identifier: MIT
/*
 * ends.c - when sessions end that began with a ticket which is replaced by now.
 *
 * The file has a field for each, with the time as its key and no value.
 */
#include "ends.h"

#define FILE_NAME "ends"
/* Fewer than fields may have: each one more is a renewal by hand. */
#define ENDS_MAX  16

/* Those from @first on that are later than @after; the file goes with them. */
static int keep(const struct azf_state *state, const struct azf_fields *ends,
		size_t first, uint64_t after)
{
	azf_autofields struct azf_fields kept = { .count = 0 };
	int r = 0;

	for (size_t i = first; r == 0 && i < ends->count; i++) {
		const char *key = ends->list[i].key;
		uint64_t end;

		if (azf_parse_uint(key, 0, INT64_MAX, &end) && end > after)
			r = azf_fields_set(&kept, key, "");
	}
	if (r)
		return r;
	if (kept.count)
		return azf_state_write_fields(state, FILE_NAME, &kept);
	azf_state_remove(state, FILE_NAME);
	return 0;
}

int azf_ends_add(const struct azf_state *state, uint64_t end)
{
	azf_autofields struct azf_fields ends = { .count = 0 };
	char key[24];
	int r;

	(void)snprintf(key, sizeof(key), "%llu", (unsigned long long)end);
	/* what cannot be read is not worth keeping */
	if (azf_state_read(state, FILE_NAME, &ends))
		azf_fields_free(&ends);
	r = azf_fields_set(&ends, key, "");
	if (r)
		return r;
	return keep(state, &ends,
		    ends.count > ENDS_MAX ? ends.count - ENDS_MAX : 0, 0);
}

bool azf_ends_reached(const struct azf_state *state, uint64_t now)
{
	azf_autofields struct azf_fields ends = { .count = 0 };

	if (azf_state_read(state, FILE_NAME, &ends))
		return false;
	for (size_t i = 0; i < ends.count; i++) {
		uint64_t end;

		if (azf_parse_uint(ends.list[i].key, 0, now, &end))
			return true;
	}
	return false;
}

void azf_ends_drop(const struct azf_state *state, uint64_t now)
{
	azf_autofields struct azf_fields ends = { .count = 0 };
	azf_autoclose int lock = azf_state_lock(state, 0);

	if (lock < 0 || azf_state_read(state, FILE_NAME, &ends))
		return;
	/* what cannot be written now is dropped the next time */
	(void)!keep(state, &ends, 0,
		    now > AZF_ENDS_SKEW_S ? now - AZF_ENDS_SKEW_S : 0);
}
