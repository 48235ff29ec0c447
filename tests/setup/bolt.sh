# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# To be sourced after packages.sh: Puppet, whose loader, type system and plan language Bolt builds upon.

# need_bolt: build/puppet. It is unpacked, not installed: installed, it would start an agent that looks for its server.
need_bolt() {
    need_packages ruby ruby-concurrent ruby-deep-merge ruby-semantic-puppet ruby-scanf ruby-sorted-set facter hiera \
        puppet-lint || return 1
    [ -x build/puppet/usr/bin/puppet ] && return 0
    rm -rf build/puppet.new
    mkdir -p build/puppet.new/package || return 1
    (
        cd build/puppet.new/package || exit 1
        apt-get download -qq puppet-agent || { as_root apt-get update -qq && apt-get download -qq puppet-agent; }
    ) >build/puppet.new/log 2>&1 || return 1
    dpkg-deb -x build/puppet.new/package/puppet-agent_*.deb build/puppet.new || return 1
    rm -rf build/puppet && mv build/puppet.new build/puppet
}
