# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: Samba, for a domain controller that the tests start themselves.

# need_samba: returns 1 when it cannot be had. Debian starts what it installs; here it must not, now or later.
need_samba() {
    samba_wanted='samba-ad-dc samba-ad-provision smbclient ldb-tools python3-samba iproute2 util-linux'
    # Package names hold no blanks: splitting them is meant.
    # shellcheck disable=SC2086
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}\n' $samba_wanted 2>/dev/null | grep -c '^ii')" = \
        "$(echo $samba_wanted | wc -w)" ] && return 0
    # Services that somebody here has already are left as they are.
    samba_services=
    command -v smbd >/dev/null || samba_services='smbd nmbd samba-ad-dc'
    command -v winbindd >/dev/null || samba_services="$samba_services winbind"
    (
        # A policy that is there already is its owner's business.
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
            trap 'exit 1' HUP INT TERM
            printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
            as_root chmod 755 /usr/sbin/policy-rc.d
        fi
        # shellcheck disable=SC2086
        need_packages $samba_wanted
    ) || return 1
    for samba_service in $samba_services; do
        ! command -v systemctl >/dev/null || as_root systemctl disable --now "$samba_service" >/dev/null 2>&1 || :
    done
}
