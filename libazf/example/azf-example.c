// SPDX-License-Identifier: MIT
/*
 * azf-example.c - mounts a share, lists the tickets, and unmounts it again.
 *
 * cc -o azf-example azf-example.c $(pkg-config --cflags --libs libazf)
 * ./azf-example //acct1.file.core.windows.net/share /mnt identity=system
 */
#include <azf.h>
#include <stdio.h>

static void remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	if (level != AZF_DEBUG)
		(void)fprintf(stderr, "%s\n", text);
}

static int failed(const struct azf_error *err)
{
	(void)fprintf(stderr, "%s. %s\n", err->cause, err->cure);
	return azf_exit_status(err->code);
}

static int list_tickets(void)
{
	struct azf_ticket **tickets;
	struct azf_error err;

	if (azf_ticket_list(&tickets, NULL, &err))
		return failed(&err);
	for (size_t i = 0; tickets[i]; i++)
		(void)printf("ticket of %s as %s until %lld\n",
			     tickets[i]->host, tickets[i]->tag,
			     (long long)tickets[i]->expires);
	azf_ticket_list_free(tickets);
	return 0;
}

int main(int argc, char **argv)
{
	const struct azf_log log = { remark, NULL };
	struct azf_error err;
	int status;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: %s SOURCE TARGET [OPTIONS]\n",
			      argv[0]);
		return 1;
	}
	if (azf_share_mount(argv[1], argv[2], argv[3], &log, &err))
		return failed(&err);
	(void)printf("mounted on %s\n", argv[2]);
	status = list_tickets();
	if (azf_share_umount(argv[2], 0, &err))
		return failed(&err);
	(void)printf("unmounted\n");
	return status;
}
