// SPDX-License-Identifier: MIT
/* krb-watch.c - what KDCs said while libkrb5 talked to them. */
#include "krb-watch.h"

#include <time.h>

#define ERROR_TOO_BIG 52U /* KRB_ERR_RESPONSE_TOO_BIG, RFC 4120 7.5.9 */

void azf_krb_watch_reply(krb5_context context, const krb5_data *reply,
			 int64_t now, struct azf_krb_watch *watch)
{
	krb5_error *error = NULL;

	watch->answered = true;
	watch->error = 0;
	/* anything else is a failure here */
	if (krb5_rd_error(context, reply, &error))
		return;
	watch->error = error->error;
	watch->clock = true;
	watch->skew = now - azf_krb_epoch(error->stime);
	krb5_free_error(context, error);
}

static krb5_error_code on_reply(krb5_context context, void *data,
				krb5_error_code code, const krb5_data *realm,
				const krb5_data *message,
				const krb5_data *reply, krb5_data **new_reply)
{
	struct azf_krb_watch *watch = data;

	(void)realm;
	(void)message;
	*new_reply = NULL;
	if (code)
		return code;
	azf_krb_watch_reply(context, reply, time(NULL), watch);
	/* what does not fit into UDP is asked for again, with TCP */
	return watch->once && watch->error != ERROR_TOO_BIG ? KRB5_KDC_UNREACH :
							      0;
}

void azf_krb_watch(krb5_context context, struct azf_krb_watch *watch)
{
	krb5_set_kdc_recv_hook(context, watch ? on_reply : NULL, watch);
}
