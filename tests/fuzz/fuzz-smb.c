// SPDX-License-Identifier: MIT
/* fuzz-smb.c - what answers on the port of SMB. */
#include "fuzz.h"
#include "smb-negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct azf_smb_answer answer;
	/* of its own size, so that a byte too far is noticed */
	unsigned char *copy = malloc(size ? size : 1);

	must(copy);
	memcpy(copy, bytes, size);
	azf_smb_parse(copy, size, 1795371255, &answer);
	free(copy);
	must(azf_smb_dialect_name(answer.dialect));
	must(azf_smb_cipher_name(answer.cipher));
	if (answer.result == AZF_SMB_ANSWERED)
		must(size >= 128 && answer.status == 0);
	else
		must(!answer.dialect && !answer.cipher && !answer.time);
	must((answer.result == AZF_SMB_REFUSED) == (answer.status != 0));
	return 0;
}
