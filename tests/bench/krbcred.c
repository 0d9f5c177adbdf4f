// SPDX-License-Identifier: MIT
/*
 * krbcred.c - tickets of the stand-in cloud where there is no KDC.
 *
 * usage: krbcred make KEYTAB CLIENT SERVICE/HOST SECONDS
 *
 * Like tests/vm/cloud/krbcred.c: a KRB-CRED to stdout, "END KEY" to stderr. No
 * server could open the ticket; for whoever sends it there is no difference. It
 * is good for an hour, whatever SECONDS says.
 */
#include "krbcred-maker.h"

#include <time.h>

int main(int argc, char **argv)
{
	struct recipe recipe = { .count = 1 };
	unsigned char *message;
	size_t len = 0;
	char *host;

	if (argc != 6 || !(host = strchr(argv[4], '/')))
		return 2;
	*host = '\0';
	recipe.service = argv[4];
	recipe.host = host + 1;
	recipe.endtime = time(NULL) + 3600;
	message = make_krbcred(&recipe, &len);
	if (!message || fwrite(message, 1, len, stdout) != len ||
	    fflush(stdout))
		return 1;
	free(message);
	(void)fprintf(stderr, "%lld %s\n", (long long)recipe.endtime, "11");
	return 0;
}
