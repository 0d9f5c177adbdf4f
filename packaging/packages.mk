# SPDX-License-Identifier: MIT
# packages.mk - packages of distributions; included by ../Makefile.
#
# make deb           Debian's, into $(B)/deb
# make rpm           RPM's, into $(B)/rpm

# All that git has or would add; of a tree without git, all but what is built.
SOURCES = { git ls-files -z --cached --others --exclude-standard 2>/dev/null || \
	find . -path ./build -prune -o ! -type d -print0; } | \
	while IFS= read -r -d '' file; do \
		[ ! -e "$$file" ] || printf '%s\0' "$$file"; \
	done
# When it was written, for packages that are the same from each build.
WRITTEN = $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y NEWS.md)

DEB_DIR  := $(B)/deb
DEB_TREE := $(DEB_DIR)/azfiles-$(VERSION)
# "-b": packages alone, without the source package
DEB_ARGS ?= -b

deb: SHELL := bash
deb:
	$(Q)rm -rf $(DEB_DIR) && mkdir -p $(DEB_TREE)
	$(Q)$(SOURCES) | tar -c --null -T - | tar -x -C $(DEB_TREE)
	$(Q)cp -R packaging/debian $(DEB_TREE)/debian
	$(Q)printf 'azfiles (%s) unstable; urgency=medium\n\n%s\n\n -- %s  %s\n' \
		'$(VERSION)' '  * The changes are in NEWS.md.' \
		"$$(sed -n 's/^Maintainer: //p' packaging/debian/control)" \
		"$$(date -u -R -d @$(WRITTEN))" >$(DEB_TREE)/debian/changelog
	$(Q)cd $(DEB_TREE) && env -u MAKEFLAGS -u MAKELEVEL -u B \
		dpkg-buildpackage -us -uc $(DEB_ARGS)
	$(Q)ls $(DEB_DIR)/*.deb

.PHONY: deb

RPM_DIR  := $(B)/rpm
RPM_TREE := $(RPM_DIR)/SOURCES/azfiles-$(VERSION)
# Of Debian, no package says "pkgconfig(mount)" and the like: --nodeps there. With
# --noclean, what was built stays in $(RPM_DIR)/BUILD.
RPM_ARGS ?= $(if $(wildcard /etc/debian_version),--nodeps)

rpm: SHELL := bash
rpm:
	$(Q)rm -rf $(RPM_DIR) && mkdir -p $(RPM_TREE)
	$(Q)$(SOURCES) | tar -c --null -T - | tar -x -C $(RPM_TREE)
	$(Q)tar -c -z -f $(RPM_TREE).tar.gz -C $(RPM_DIR)/SOURCES azfiles-$(VERSION)
	$(Q)rm -r $(RPM_TREE)
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u B SOURCE_DATE_EPOCH=$(WRITTEN) \
		rpmbuild -bb $(RPM_ARGS) --define '_topdir $(abspath $(RPM_DIR))' \
		--define 'azf_version $(VERSION)' packaging/azfiles.spec
	$(Q)mv $(RPM_DIR)/RPMS/*/*.rpm $(RPM_DIR)
	$(Q)rm -rf $(RPM_DIR)/{BUILDROOT,RPMS,SRPMS,SPECS}
	$(Q)ls $(RPM_DIR)/*.rpm

.PHONY: rpm
