# SPDX-License-Identifier: MIT
# compat.mk - AzFilesAuthenticator's programs and library, for those who call them;
# included by ../Makefile. Not part of "make" or "make install".
#
# make compat             build
# make install-compat     install, besides what "make install" does
# make uninstall-compat

COMPAT_BINDIR ?= $(PREFIX)/bin
COMPAT_SONAME := libazfilesauth.so.0
COMPAT_LIBS   := $(call pkg,--libs yaml-0.1 krb5) -lc -lbsd
# What the program and the library have in common.
COMPAT_OBJ    := $(patsubst %,$(B)/mount/compat/%.o,cache compat credential list \
	settings)
COMPAT_PAGE   := azfilesauthmanager.8

compat: all $(B)/azfilesauthmanager $(B)/$(COMPAT_SONAME) \
	$(B)/azfilesrefresh.service

$(B)/azfilesauthmanager: $(B)/mount/compat/azfilesauthmanager.o \
		$(B)/mount/compat/refresh.o $(COMPAT_OBJ) $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(COMPAT_LIBS) $(call pkg,--libs mount)

$(B)/$(COMPAT_SONAME): $(B)/mount/compat/libazfilesauth.o $(COMPAT_OBJ) \
		$(B)/libazf.a mount/compat/libazfilesauth.map
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) -shared \
		-Wl,-z,defs -Wl,-soname,$(COMPAT_SONAME) \
		-Wl,--version-script,mount/compat/libazfilesauth.map \
		$(HARD_LDFLAGS) $(LDFLAGS) -o $@ \
		$(filter-out %.map,$^) $(COMPAT_LIBS)

$(B)/azfilesrefresh.service: mount/compat/azfilesrefresh.service $(B)/flags
	$(Q)sed 's,/usr/bin/,$(COMPAT_BINDIR)/,' $< >$@

install-compat: compat
	$(INSTALL) -d $(DESTDIR)$(COMPAT_BINDIR) $(DESTDIR)$(LIBDIR) \
		$(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(SYSTEMDDIR)/system \
		$(DESTDIR)$(MANDIR)/man8
	$(INSTALL_PROGRAM) -m 0755 $(B)/azfilesauthmanager $(DESTDIR)$(COMPAT_BINDIR)
	ln -sf azfilesauthmanager $(DESTDIR)$(COMPAT_BINDIR)/azfilesrefresh
	$(INSTALL_PROGRAM) -m 0644 $(B)/$(COMPAT_SONAME) $(DESTDIR)$(LIBDIR)
	ln -sf $(COMPAT_SONAME) $(DESTDIR)$(LIBDIR)/libazfilesauth.so
	$(INSTALL) -m 0644 mount/compat/azfilesauth.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 0644 $(B)/azfilesrefresh.service \
		$(DESTDIR)$(SYSTEMDDIR)/system
	$(INSTALL) -m 0644 mount/compat/$(COMPAT_PAGE) $(DESTDIR)$(MANDIR)/man8
	ln -sf $(COMPAT_PAGE) $(DESTDIR)$(MANDIR)/man8/azfilesrefresh.8

# The configuration is the user's.
uninstall-compat:
	rm -f $(addprefix $(DESTDIR)$(COMPAT_BINDIR)/,azfilesauthmanager \
			azfilesrefresh) \
		$(addprefix $(DESTDIR)$(LIBDIR)/,$(COMPAT_SONAME) \
			libazfilesauth.so) \
		$(DESTDIR)$(INCLUDEDIR)/azfilesauth.h \
		$(DESTDIR)$(SYSTEMDDIR)/system/azfilesrefresh.service \
		$(addprefix $(DESTDIR)$(MANDIR)/man8/,$(COMPAT_PAGE) azfilesrefresh.8)

.PHONY: compat install-compat uninstall-compat
