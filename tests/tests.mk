# SPDX-License-Identifier: MIT
# tests.mk - targets that test, measure and analyse; included by ../Makefile.

deps:
	@tests/deps

# --- unit tests: one program per file of tests/unit, against libazf ---------
UNIT_SRC  := $(sort $(wildcard tests/unit/test-*.c))
UNIT_BIN  := $(UNIT_SRC:%.c=$(B)/%)
UNIT_LIBS := -lcmocka
# Nobody installs them: where programs are linked as a whole (-flto), these are not.
QUICK_LINK := -fno-lto

$(UNIT_BIN): $(B)/%: $(B)/%.o $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) $(QUICK_LINK) -o $@ $^ \
		$(UNIT_LIBS) $(LIBRARY_LIBS) $(UPCALL_LIBS) \
		$(CREDENTIAL_LIBS)

# --- programs with mount(2) replaced by a recorder --------------------------
DOUBLE := $(B)/tests/mount.azfiles-double
CTL_DOUBLE := $(B)/tests/azfilesctl-double
DOUBLE_WRAP := -Wl,--wrap=mount

$(DOUBLE): $(B)/mount/mount.azfiles.o $(B)/tests/unit/fake-mount.o \
		$(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) \
		$(QUICK_LINK) $(DOUBLE_WRAP) -o $@ $^ $(MOUNT_LIBS)

$(CTL_DOUBLE): $(CTL_OBJ) $(B)/tests/unit/fake-mount.o $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) \
		$(QUICK_LINK) $(DOUBLE_WRAP) -o $@ $^ $(CTL_LIBS)

unit-programs: $(UNIT_BIN) $(DOUBLE) $(CTL_DOUBLE) compat

# --- programs whose calls fail when they are told to, see tests/inject --------
INJECT          := $(B)/tests/inject
INJECT_PROGRAMS := $(addprefix $(INJECT)/,flows azfiles-generator azfilesctl)
INJECT_CALLS    := asprintf open openat close fclose mount \
	$(shell sed -n 's/^WRAP.[^,]*, \([a-z0-9_]*\),.*/\1/p' tests/inject/inject.c)
INJECT_WRAP     := $(INJECT_CALLS:%=-Wl,--wrap=%)

# not for what it is made of: all that depends on flags would be made anew
$(INJECT)/%.o: private AZF_CPPFLAGS += -Itests/unit

$(INJECT)/flows: $(patsubst %.c,$(B)/%.o,$(sort \
		$(wildcard tests/inject/*.c))) $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) \
		$(INJECT_WRAP) -o $@ $^ $(UNIT_LIBS) $(LIBRARY_LIBS) \
		$(UPCALL_LIBS) $(CREDENTIAL_LIBS)

$(INJECT)/azfiles-generator: $(INJECT)/azfilesctl
	$(Q)ln -sf $(<F) $@

$(INJECT)/azfilesctl: $(CTL_OBJ) $(INJECT)/inject.o $(B)/libazf.a
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) \
		$(INJECT_WRAP) -o $@ $^ $(CTL_LIBS)

inject-programs: $(INJECT_PROGRAMS)

# Each call of the main flows fails once, with AddressSanitizer.
inject: deps
	@tests/check inject

# --- what measures, and a kernel that is not there ---------------------------
BENCH := $(addprefix $(B)/tests/bench/,fake-kernel.so measure krbcred empty)

$(B)/tests/bench/fake-kernel.so: $(B)/tests/bench/fake-kernel.o
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^

$(B)/tests/bench/empty: $(B)/tests/bench/empty.o
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(AZF_LDFLAGS) $(LDFLAGS) -o $@ $^

$(B)/tests/bench/measure: $(B)/tests/bench/measure.o
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(LDFLAGS) -pie -o $@ $^

$(B)/tests/bench/krbcred.o: AZF_CPPFLAGS += -Itests/unit

$(B)/tests/bench/krbcred: $(B)/tests/bench/krbcred.o
	$(say) LD $@
	$(Q)$(CC) $(AZF_CFLAGS) $(CFLAGS) $(LDFLAGS) -pie -o $@ $^ \
		$(call pkg,--libs krb5)

bench-programs: all $(BENCH)

check-unit: deps
	@tests/check unit

check-bats: deps
	@tests/check bats

check-asan: deps
	@tests/check asan

check-valgrind: deps
	@tests/check valgrind

check-build: deps
	@tests/check build

release-check: deps
	@tests/release

lint: deps
	@tests/check lint

fuzz: deps
	@tests/check fuzz

fuzz-long: deps
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-600} tests/check fuzz

coverage: deps
	@tests/coverage

check-packages: deps
	@tests/check packages

# With SUITE=trixie all tests, on Debian 13.
check-vm: deps
	@tests/check vm

# --- the virtual machine ----------------------------------------------------
VM_TREE := $(B)/vm/root
VM_RUN  := tests/vm/run --tree $(VM_TREE) --suite $(SUITE)

# What "deps" installs was not there when make chose the flags: hence a make of
# its own for all that is built behind it.
BUILD := $(MAKE) --no-print-directory

# Always anew: what is tested is what "make install" installs; and a program that
# was built with it.
vm-tree: compat
	@rm -rf $(VM_TREE) && $(MAKE) -s install install-compat DESTDIR=$(abspath $(VM_TREE)) \
		PREFIX=/usr
	@mkdir -p $(VM_TREE)/usr/local/bin $(VM_TREE)/usr/local/share/azf-test/kubernetes
	@cd $(VM_TREE) && find . ! -type d ! -path './usr/local/*' >usr/local/share/azf-test/installed
	@tests/kubernetes packaging/kubernetes $(VM_TREE)/usr/local/share/azf-test/kubernetes
	@$(CC) -o $(VM_TREE)/usr/local/bin/azf-example \
		libazf/example/azf-example.c $$( \
		PKG_CONFIG_SYSROOT_DIR=$(abspath $(VM_TREE)) \
		PKG_CONFIG_LIBDIR=$(abspath $(VM_TREE))/usr/lib/pkgconfig \
		$(PKG_CONFIG) --cflags --libs libazf)

vm-image: deps
	@tests/vm/image $(SUITE)

vm-shell: deps
	@$(BUILD) vm-tree
	@$(VM_RUN) shell

# What a kernel that no Debian release has yet does to the main things.
check-newest: deps
	@$(BUILD) vm-tree
	@tests/vm/run --tree $(VM_TREE) --suite trixie-backports \
		--logs $(B)/vm/logs/newest live \
		20-data 30-mount 60-upcall errors 'identity: system'

# T is a file of tests/vm/boot or tests/vm/live, or a pattern of test names.
vm-test: deps
	@$(BUILD) vm-tree
	@if [ -e 'tests/vm/boot/$(T).bash' ] || \
		grep -qE "^name='.*$(T)" tests/vm/boot/*.bash; then \
		$(VM_RUN) boot '$(T)'; \
	else \
		$(VM_RUN) live '$(T)'; \
	fi

# One table, against what others use; WHERE=host or WHERE=vm is a part of it. With
# AZFILESAUTH=DIR AzFilesAuthenticator is measured, too: a clone of its repository in
# which "autoreconf -i && ./configure --prefix=/usr && make" was run.
WHERE ?= host vm
bench: deps
	@$(BUILD) $(if $(filter vm,$(WHERE)),vm-tree) bench-programs
	@$(if $(filter host,$(WHERE)),tests/bench/host $(B))
	@$(if $(filter vm,$(WHERE)),$(VM_RUN) bench)

# What options do to the speed of a share.
bench-throughput: deps
	@$(BUILD) vm-tree
	@$(VM_RUN) --test-limit 1200 bench throughput

# Needs Python only; it writes its plot, too.
bench-fleet:
	@tests/bench/fleet tests/bench/fleet.svg

.PHONY: deps unit-programs inject-programs inject bench-programs check check-unit \
	check-bats check-asan check-valgrind check-packages check-vm check-newest check-build release-check \
	coverage lint fuzz fuzz-long vm-tree vm-image vm-shell \
	vm-test demo bench bench-throughput bench-fleet
