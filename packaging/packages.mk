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
	$(Q)cd $(DEB_TREE) && env -u MAKEFLAGS -u MAKELEVEL \
		dpkg-buildpackage -us -uc $(DEB_ARGS)
	$(Q)ls $(DEB_DIR)/*.deb

.PHONY: deb
