# SPDX-License-Identifier: MIT
#
# azfiles: mount.azfiles and what belongs to it.
#
# make               build into build/
# make install       install below $(DESTDIR)$(PREFIX); install-strip: stripped
# make check         all tests, those in the virtual machine included
# make demo          a share mounted and mounted again after a reboot, to watch
# make help          all targets
#
# Knobs: CC CFLAGS CPPFLAGS LDFLAGS PREFIX SBINDIR LIBDIR MANDIR SYSCONFDIR
# DESTDIR BASHCOMPDIR ZSHCOMPDIR FISHCOMPDIR
# B (build directory), V=1 (show commands), WERROR=1 (warnings are errors).
# For another machine: CC and PKG_CONFIG.
#
# "make -f WHERE/Makefile" builds into build/ of the directory that one is in.

S := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
ifneq ($(S),$(CURDIR))
B ?= build
$(or $(MAKECMDGOALS),all): there ; @:
there:
	@$(MAKE) --no-print-directory -C $(S) $(MAKECMDGOALS) B=$(abspath $(B)) \
		$(if $(DESTDIR),DESTDIR=$(abspath $(DESTDIR)))
.PHONY: there $(MAKECMDGOALS)
else

PREFIX     ?= /usr
SBINDIR    ?= /sbin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/azfiles
SYSCONFDIR ?= /etc
LIBEXECDIR ?= $(PREFIX)/libexec/azfiles
# Debian has zsh look in $(PREFIX)/share/zsh/vendor-completions, too.
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
SYSTEMDDIR ?= $(PREFIX)/lib/systemd
INSTALL    ?= install
PKG_CONFIG ?= pkg-config
LDCONFIG   ?= ldconfig
B          ?= build
SUITE      ?= bookworm

# Those of the compiler, which may be one for another machine.
ifeq ($(origin AR),default)
AR := $(shell $(CC) -print-prog-name=ar)
endif
STRIP ?= $(shell $(CC) -print-prog-name=strip)
INSTALL_PROGRAM ?= $(INSTALL)

VERSION := $(shell sed -n 's/^\#define AZF_VERSION "\(.*\)"/\1/p' libazf/azf.h)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wno-sign-conversion -Wformat=2 -Wwrite-strings -Wundef \
	-Wpointer-arith -Wcast-align -Wvla -Wdate-time -Werror=implicit-function-declaration
ifdef WERROR
WARNINGS += -Werror
endif
# Silent where it is missing: "make deps" has to be possible then.
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
# FLAG, where the compiler has it.
cc_has = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && \
	echo $(1))

FORTIFY ?= 3
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIC \
	$(call cc_has,-fno-semantic-interposition) \
	$(call cc_has,-fcf-protection=full) \
	$(call cc_has,-mbranch-protection=standard)
# The same bytes in whatever directory.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=.
# Only what is used, no tables for exceptions, which C does not have, and no detour
# to functions of libraries, all of which are known when the program starts.
SMALL := -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	$(call cc_has,-fno-plt)
SMALL_LDFLAGS := -Wl,--gc-sections
# Short relocations, where the linker and the C library know them: where the latter
# does not, it is no error before a program runs.
SMALL_LDFLAGS += $(shell test -z "$$( \
	echo 'int known[__GLIBC_PREREQ(2, 36) ? 1 : -1]; int main(void) { return 0; }' | \
	$(CC) -include features.h -o /dev/null -x c - \
		-Wl,-z,pack-relative-relocs 2>&1)" && \
	echo -Wl,-z,pack-relative-relocs)

CFLAGS ?= $(or $(call cc_has,-Oz),-Os) -g
# What the code needs stands before CFLAGS, so that the user's word is the last.
AZF_DEFINES := -D_GNU_SOURCE -DAZF_SYSCONFDIR='"$(SYSCONFDIR)"' -Ilibazf -Isystemd \
	-DAZF_LIBEXECDIR='"$(LIBEXECDIR)"'
AZF_CPPFLAGS := $(AZF_DEFINES) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY) \
	$(call pkg,--cflags mount krb5-gssapi libkeyutils libcurl jansson krb5 \
		libcrypto)
AZF_CFLAGS  := -std=gnu11 $(WARNINGS) $(HARDENING) $(REPRODUCIBLE) $(SMALL)
HARD_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
	$(SMALL_LDFLAGS)
AZF_LDFLAGS := -pie $(HARD_LDFLAGS)
# The C library first: where it has what libbsd has, libbsd is not loaded.
MOUNT_LIBS  := -lc -lbsd
LIBRARY_LIBS := $(call pkg,--libs mount) -lc -lbsd
CTL_LIBS    := $(call pkg,--libs mount libkeyutils jansson) -lc -lbsd
UPCALL_LIBS := $(call pkg,--libs krb5-gssapi krb5 libkeyutils) -lc -lbsd
CREDENTIAL_LIBS := $(call pkg,--libs libcurl jansson krb5 libcrypto \
	libkeyutils) -lresolv -lc -lbsd

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

LIB_SRC := $(sort $(wildcard libazf/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
# What azf.h declares; of all else the linker takes what these need.
PUBLIC_OBJ := $(patsubst %,$(B)/libazf/%.o,error share ticket-list ticket-set)
SONAME  := libazf.so.1
UPCALL_OBJ := $(addprefix $(B)/mount/,azfiles.upcall.o upcall-user.o)
CREDENTIAL_OBJ := $(patsubst %.c,$(B)/%.o,$(sort \
	$(wildcard mount/credential-*.c)) mount/azfiles-credential.c)
# And azfiles-generator, which is another name of it.
CTL_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard mount/ctl-*.c)) \
	mount/azfilesctl.c $(sort $(wildcard systemd/*.c)))
MANPAGES := $(sort $(wildcard man/*.[1-8]))
SCHEMAS := $(sort $(wildcard man/*.schema.json))
UNITS := azfiles-refresh.path azfiles-refresh.timer azfiles-recover.timer \
	azfiles-credential.socket
SERVICES := azfiles-refresh.service azfiles-recover.service \
	azfiles-credential@.service
MANIFESTS := $(sort $(wildcard packaging/kubernetes/*))
EXAMPLES := $(sort $(wildcard fstab-examples/*.fstab))

all: $(B)/mount.azfiles $(B)/azfiles.upcall $(B)/azfiles.request-key.conf \
	$(B)/azfiles-credential $(B)/azfilesctl $(B)/azfiles-generator \
	$(B)/$(SONAME) $(B)/libazf.pc \
	$(addprefix $(B)/,$(SERVICES))

$(B)/mount.azfiles: $(B)/mount/mount.azfiles.o $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(MOUNT_LIBS)

$(B)/azfiles.upcall: $(UPCALL_OBJ) $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(UPCALL_LIBS)

$(B)/azfiles-credential: $(CREDENTIAL_OBJ) $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(CREDENTIAL_LIBS)

$(B)/azfilesctl: $(CTL_OBJ) $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(CTL_LIBS)

$(B)/azfiles-generator: $(B)/azfilesctl
	$(Q)ln -sf $(<F) $@

$(B)/azfiles.request-key.conf: mount/azfiles.request-key.conf $(B)/flags
	$(Q)sed 's,/usr/sbin/,$(PREFIX)/sbin/,' $< >$@

$(B)/%.service: systemd/%.service $(B)/flags
	$(Q)sed 's,/usr/sbin/,$(PREFIX)/sbin/,; s,/usr/libexec/azfiles/,$(LIBEXECDIR)/,' \
		$< >$@

$(B)/libazf.a: $(LIB_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcsD $@ $^

$(B)/$(SONAME): $(PUBLIC_OBJ) $(B)/libazf.a libazf/libazf.map
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script,libazf/libazf.map $(HARD_LDFLAGS) \
		$(LDFLAGS) -o $@ $(PUBLIC_OBJ) $(B)/libazf.a $(LIBRARY_LIBS)

$(B)/libazf.pc: libazf/libazf.pc.in $(B)/flags
	$(Q)sed 's,@LIBDIR@,$(LIBDIR),; s,@INCLUDEDIR@,$(INCLUDEDIR),; s,@VERSION@,$(VERSION),' \
		$< >$@

# Flags are a prerequisite: a build with other knobs builds everything anew.
$(B)/%.o: %.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(AZF_CPPFLAGS) $(CPPFLAGS) $(AZF_CFLAGS) $(CFLAGS) -MMD -MP \
		-c -o $@ $<

FLAGS = $(CC) $(AZF_CPPFLAGS) $(CPPFLAGS) $(AZF_CFLAGS) $(CFLAGS) $(HARD_LDFLAGS) \
	$(LDFLAGS) $(PREFIX) $(LIBDIR) $(INCLUDEDIR) $(VERSION)
$(B)/flags: FORCE
	@mkdir -p $(B)
	@printf '%s\n' "$$FLAGS" | cmp -s - $@ || printf '%s\n' "$$FLAGS" >$@
export FLAGS
FORCE:

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)

install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(DOCDIR)/fstab-examples
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/sbin \
		$(DESTDIR)$(SYSCONFDIR)/request-key.d
	$(INSTALL) -d $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(SYSUSERSDIR) \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -d -m 0700 $(DESTDIR)$(SYSCONFDIR)/azfiles/keys
	$(INSTALL_PROGRAM) -m 0755 $(B)/azfiles-credential $(DESTDIR)$(LIBEXECDIR)
	$(INSTALL) -d $(DESTDIR)$(SYSTEMDDIR)/system-generators
	@# not relative: one of these directories may be a link in one root and not in another
	ln -sf $(PREFIX)/sbin/azfilesctl \
		$(DESTDIR)$(SYSTEMDDIR)/system-generators/azfiles-generator
	$(INSTALL) -m 0644 systemd/azfiles.sysusers.conf \
		$(DESTDIR)$(SYSUSERSDIR)/azfiles.conf
	$(INSTALL) -d $(DESTDIR)$(SYSTEMDDIR)/system/paths.target.wants
	$(INSTALL) -m 0644 $(addprefix systemd/,$(UNITS)) \
		$(addprefix $(B)/,$(SERVICES)) $(DESTDIR)$(SYSTEMDDIR)/system
	ln -sf ../azfiles-refresh.path $(DESTDIR)$(SYSTEMDDIR)/system/paths.target.wants
	$(INSTALL) -d $(DESTDIR)$(SYSTEMDDIR)/system-preset
	$(INSTALL) -m 0644 systemd/azfiles.preset \
		$(DESTDIR)$(SYSTEMDDIR)/system-preset/80-azfiles.preset
	$(INSTALL_PROGRAM) -m 0755 $(B)/mount.azfiles $(DESTDIR)$(SBINDIR)
	$(INSTALL_PROGRAM) -m 0755 $(B)/azfiles.upcall $(DESTDIR)$(PREFIX)/sbin
	$(INSTALL_PROGRAM) -m 0755 $(B)/azfilesctl $(DESTDIR)$(PREFIX)/sbin
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin
	@# users have no sbin in their PATH; where it is bin itself, they need no link
	[ $(DESTDIR)$(PREFIX)/bin -ef $(DESTDIR)$(PREFIX)/sbin ] || \
		ln -sf ../sbin/azfilesctl $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 0644 $(B)/azfiles.request-key.conf \
		$(DESTDIR)$(SYSCONFDIR)/request-key.d/azfiles.conf
	$(INSTALL) -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(DOCDIR)/examples
	$(INSTALL_PROGRAM) -m 0644 $(B)/$(SONAME) $(DESTDIR)$(LIBDIR)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libazf.so
	$(INSTALL) -m 0644 $(B)/libazf.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	$(INSTALL) -m 0644 libazf/azf.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 0644 libazf/example/azf-example.c $(DESTDIR)$(DOCDIR)/examples
	$(INSTALL) -m 0644 $(filter %.3,$(MANPAGES)) $(DESTDIR)$(MANDIR)/man3
	$(INSTALL) -d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) \
		$(DESTDIR)$(FISHCOMPDIR)
	$(INSTALL) -m 0644 mount/completion/azfilesctl.bash \
		$(DESTDIR)$(BASHCOMPDIR)/azfilesctl
	$(INSTALL) -m 0644 mount/completion/azfilesctl.zsh \
		$(DESTDIR)$(ZSHCOMPDIR)/_azfilesctl
	$(INSTALL) -m 0644 mount/completion/azfilesctl.fish $(DESTDIR)$(FISHCOMPDIR)
	$(INSTALL) -m 0644 $(filter %.8,$(MANPAGES)) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 0644 $(filter %.5,$(MANPAGES)) $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 0644 $(filter %.7,$(MANPAGES)) $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 0644 README.md NEWS.md LICENSE $(SCHEMAS) $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 0644 $(EXAMPLES) $(DESTDIR)$(DOCDIR)/fstab-examples
	$(INSTALL) -d $(DESTDIR)$(DOCDIR)/kubernetes
	$(INSTALL) -m 0644 $(MANIFESTS) $(DESTDIR)$(DOCDIR)/kubernetes
	@# where the linker looks by itself, and where it does not
	-@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || $(LDCONFIG)

install-strip:
	@$(MAKE) --no-print-directory install \
		INSTALL_PROGRAM='$(INSTALL) -s --strip-program=$(STRIP)'

# Keys are the user's: they stay, and so does each directory unless empty. None is
# removed with what is in it: LIBEXECDIR may be one that others use, too.
DOCS := README.md NEWS.md LICENSE $(notdir $(SCHEMAS)) examples/azf-example.c \
	$(EXAMPLES) $(MANIFESTS:packaging/%=%)
uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/mount.azfiles \
		$(DESTDIR)$(PREFIX)/sbin/azfiles.upcall \
		$(addprefix $(DESTDIR)$(PREFIX)/,sbin/azfilesctl bin/azfilesctl) \
		$(DESTDIR)$(SYSTEMDDIR)/system-generators/azfiles-generator \
		$(DESTDIR)$(SYSCONFDIR)/request-key.d/azfiles.conf \
		$(DESTDIR)$(SYSUSERSDIR)/azfiles.conf \
		$(addprefix $(DESTDIR)$(LIBDIR)/,$(SONAME) libazf.so \
			pkgconfig/libazf.pc) $(DESTDIR)$(INCLUDEDIR)/azf.h \
		$(DESTDIR)$(BASHCOMPDIR)/azfilesctl \
		$(DESTDIR)$(ZSHCOMPDIR)/_azfilesctl \
		$(DESTDIR)$(FISHCOMPDIR)/azfilesctl.fish \
		$(addprefix $(DESTDIR)$(SYSTEMDDIR)/system/,$(UNITS) $(SERVICES) \
			paths.target.wants/azfiles-refresh.path) \
		$(DESTDIR)$(SYSTEMDDIR)/system-preset/80-azfiles.preset
	rm -f $(DESTDIR)$(LIBEXECDIR)/azfiles-credential
	rm -f $(addprefix $(DESTDIR)$(MANDIR)/man3/,$(notdir $(MANPAGES))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man8/,$(notdir $(MANPAGES))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man5/,$(notdir $(MANPAGES))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man7/,$(notdir $(MANPAGES)))
	rm -f $(addprefix $(DESTDIR)$(DOCDIR)/,$(DOCS))
	-rmdir $(addprefix $(DESTDIR)$(DOCDIR)/,examples fstab-examples kubernetes) \
		$(DESTDIR)$(DOCDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(SYSCONFDIR)/azfiles/keys \
		$(DESTDIR)$(SYSCONFDIR)/azfiles 2>/dev/null || true

clean:
	rm -rf $(B)

# The same bytes from the same commit, wherever and whenever; from what was
# unpacked, too.
DIST := azfiles-$(VERSION)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || \
	stat -c %Y NEWS.md)
dist:
	@mkdir -p $(B)
	@tests/files >$(B)/$(DIST).files
	@tar --create --no-recursion --files-from=$(B)/$(DIST).files --format=gnu \
		--owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		--mtime=@$(SOURCE_DATE_EPOCH) --transform='flags=r;s,^,$(DIST)/,' \
		--file=$(B)/$(DIST).tar
	@xz -9 --threads=1 --force $(B)/$(DIST).tar
	@rm $(B)/$(DIST).files
	@echo $(B)/$(DIST).tar.xz

help:
	@printf '%s\n' \
	'make                build into $(B)/' \
	'make install        DESTDIR= PREFIX= SBINDIR= LIBDIR= SYSCONFDIR=' \
	'make install-strip  the same, stripped' \
	'make uninstall' \
	'make install-compat the programs of AzFilesAuthenticator; uninstall-compat' \
	'make deb, make rpm  packages, into $(B)/deb and $(B)/rpm' \
	'make demo           watch a share being mounted, a reboot, mounted again' \
	'make check          everything below but fuzz-long and bench' \
	'make check-unit     tests of libazf' \
	'make check-bats     tests of the helper with a recorded mount(2)' \
	'make check-asan     both, with AddressSanitizer and UBSan' \
	'make check-valgrind both, with valgrind' \
	'make inject         the main flows, with each call of the system failing once' \
	'make coverage       lines and branches of libazf that tests go through' \
	'make check-packages packages, from their making to purge' \
	'make check-vm       tests in the virtual machine; SUITE=trixie: on Debian 13' \
	'make check-newest   some of them, with the kernel of backports' \
	'make check-build    reproducible, other compilers and machines, tarball' \
	'make lint           formatting, static analysis, layers, pages' \
	'make fuzz           each fuzz target over its corpus and for a moment' \
	'make fuzz-long      the same for FUZZ_SECONDS=600 each; FUZZ_CORPUS=DIR: go on' \
	'make bench          one table, against what others use; WHERE=host: without VM' \
	'make bench-throughput  what options do to the speed of a share' \
	'make vm-shell       a login in the virtual machine' \
	'make vm-test T=name one test in it' \
	'make vm-image       build its image now' \
	'make dist           $(B)/$(DIST).tar.xz' \
	'make release-check  all that has to be true before a release' \
	'make deps           install what all this needs, with apt' \
	'make clean'

include mount/compat/compat.mk
include packaging/packages.mk
include tests/tests.mk

check: deps
	@tests/check all

demo: deps
	@$(BUILD) vm-tree
	@$(VM_RUN) demo

.PHONY: all install install-strip uninstall check demo clean dist help FORCE
endif
