/* SPDX-License-Identifier: MIT */
/* ctl-login.h - what "login" and "whoami" say alike. */
#ifndef AZF_CTL_LOGIN_H
#define AZF_CTL_LOGIN_H

#define CTL_LOGIN_ELSEWHERE                                                    \
	"your key is kept, but is not found from here: this session has a "    \
	"keyring of another user, as below su or cron. Use 'su -' or ssh, or " \
	"'keyctl session - sh -c \"keyctl link @u @s && exec PROGRAM\"'"

#endif
