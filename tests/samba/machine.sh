#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a domain controller in FOLDER and becomes it. It must be process 1 of namespaces of its own (network, mounts,
# processes): what is mounted and started here ends with it.
#
#   machine.sh FOLDER USER PASSWORD    ends when its standard input does
set -eu
folder=$1 user=$2 password=$3
address=192.0.2.1 realm=CONTOSO.TEST sysvol=/var/lib/samba/sysvol
configuration=$folder/smb.conf

# Samba's clients look for winbind in /run/samba, whatever smb.conf says; so all of its places are put elsewhere. They
# stay reachable for everybody, as the folder need not be: who asks for a file must have a way to it.
for place in /run /var/lib/samba /var/cache/samba /var/log/samba; do
    mkdir -p "$folder$place"
    mount --bind "$folder$place" "$place"
done
mkdir -p $sysvol/contoso.test/scripts

# Provisioning gives no record in DNS to a host at 127.0.0.1.
ip link set lo up
ip address add "$address/24" dev lo

# Who serves SMB alone may not know the domain's users; where Samba's client looks for them is the system's own list.
echo "nameserver $address" >"$folder/resolv.conf"
cp /etc/passwd "$folder/passwd"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
mount --bind "$folder/passwd" /etc/passwd

cat >"$folder/krb5.conf" <<END
[libdefaults]
    default_realm = $realm
    dns_lookup_realm = false
END
cat >"$configuration" <<END
[global]
    netbios name = DC1
    workgroup = CONTOSO
    realm = $realm
    server role = active directory domain controller
    server services = s3fs rpc ldap cldap kdc winbindd dns
    interfaces = $address/24
    bind interfaces only = yes
    prefork children = 1
    tls enabled = no
[sysvol]
    path = $sysvol
    read only = no
[netlogon]
    path = $sysvol/contoso.test/scripts
    read only = no
END
samba-tool domain provision -s "$configuration" --realm=$realm --domain=CONTOSO --server-role=dc --host-name=dc1 \
    --host-ip=$address --dns-backend=SAMBA_INTERNAL --adminpass="$password"
samba-tool user create "$user" "$password" -s "$configuration"
# What the service dnsupdate, which is not run, would register.
samba-tool spn add ldap/dc1.contoso.test 'DC1$' -s "$configuration"
exec samba --interactive --debug-stdout -s "$configuration"
